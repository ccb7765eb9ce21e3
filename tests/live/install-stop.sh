#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Ctrl-C while an installation is at its long steps: allocating a volume or a file, verifying an image, copying it, sending it to a pool of this
# host and of another. The steps are made long, not waited for: what reads and copies is slowed down, and where disks lie nothing can be
# allocated in one go. Each ends at once, and what it has begun is gone.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
command -v mkfs.ext3 >/dev/null || skip 'mkfs.ext3 is missing (e2fsprogs)'
command -v "${CC:-cc}" >/dev/null || skip 'a C compiler is missing'
hosts a b
images=/var/lib/libvirt/images
on_host a mkdir -p $images /var/lib/libvirt/boot
words=(--memory 256 --vcpus 1 --virt-type qemu --osinfo linux2022 --graphics none --network none --noautoconsole --name web1)
files() { on_host "$1" find $images /var/slow /var/lib/libvirt/boot -type f 2>/dev/null || :; }
on_host a mkdir $images/part
nothing() {
	expect '^$' hv -q list --all --name
	expect '^$' files a
	expect '^$' files b
}

# every large read (those for checksums are larger than those for streams), and every copy within the kernel, takes a while
cat >"$lab/slow.c" <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>
ssize_t read(int fd, void *data, size_t size)
{
	const char *below = getenv("SLOW_BELOW");

	if (size > 200000 && (!below || size < (size_t)atol(below)))
		usleep(300000);
	return ((ssize_t (*)(int, void *, size_t))dlsym(RTLD_NEXT, "read"))(fd, data, size);
}
ssize_t pread(int fd, void *data, size_t size, off_t at)
{
	if (size > 200000)
		usleep(300000);
	return ((ssize_t (*)(int, void *, size_t, off_t))dlsym(RTLD_NEXT, "pread"))(fd, data, size, at);
}
ssize_t copy_file_range(int in, off_t *from, int out, off_t *to, size_t size, unsigned int flags)
{
	usleep(300000);
	return ((ssize_t (*)(int, off_t *, int, off_t *, size_t, unsigned int))dlsym(RTLD_NEXT, "copy_file_range"))(in, from, out, to, size, flags);
}
C
${CC:-cc} -shared -fPIC -o "$lab/slow.so" "$lab/slow.c" -ldl || fail 'the slow library cannot be built'
# 2 GiB, of which 400 MiB are there
image=$lab/image.raw
truncate -s 2G "$image"
printf '\125\252' | dd of="$image" bs=1 seek=510 conv=notrunc status=none
openssl enc -aes-128-ctr -nosalt -pass pass: -pbkdf2 -in /dev/zero 2>/dev/null | head -c 400M | dd of="$image" bs=1M seek=16 conv=notrunc iflag=fullblock status=none
chmod 644 "$image"

# stopped URI SETTING TEXT ARGUMENT...: it is stopped when the terminal shows TEXT
stopped() {
	local uri=$1 slow=$2 text=$3
	shift 3
	terminal "$live/host" exec "$lab" a env --default-signal=INT $slow LD_PRELOAD="$lab/slow.so" "$HVSH" -c "$uri" install "${words[@]}" "$@"
	await_screen 60 "$text"
	type_keys '\003'
	await_end 60 && fail 'an interrupted installation is no success'
	ended() { ! pgrep -f "^[^ ]*hvsh .*--name web1" >/dev/null; }
	within 60 ended || fail 'it does not end'
	! on_screen "$text.*100%" || fail 'it was not stopped, but ended'
	nothing
}

step 'a disk that takes its room at once'
on_host a sh -c 'truncate -s 3G /run/slow.img && mkfs.ext3 -q /run/slow.img && mkdir /var/slow && mount -o loop /run/slow.img /var/slow && rmdir /var/slow/lost+found' ||
	skip 'no loop devices here'
expect defined hv pool-define-as slow dir --target /var/slow
expect started hv pool-start slow
libvirtd=$(on_host a pidof libvirtd) || fail 'no libvirtd'
# libvirt is held still in the middle, so that the keys come there
terminal "$live/host" exec "$lab" a env --default-signal=INT "$HVSH" -c qemu:///system install "${words[@]}" --pxe --disk pool=slow,size=2,format=raw,sparse=no
begun() { [ "$(on_host a stat -c %b /var/slow/web1.img)" -gt 2048 ]; }
within 60 begun || fail 'no disk is made'
on_host a kill -STOP $libvirtd
type_keys '\003'
await_screen 30 "libvirt does not stop making the volume 'web1.img'"
on_host a kill -CONT $libvirtd
await_end 120 && fail 'an interrupted installation is no success'
gone() { [ -z "$(files a)" ]; }
within 60 gone || fail 'the volume stays'
nothing
expect destroyed hv pool-destroy slow
expect undefined hv pool-undefine slow
terminal "$live/host" exec "$lab" a env --default-signal=INT "$HVSH" -c qemu:///system install "${words[@]}" --pxe --disk /var/slow/web1.img,size=2,format=raw,sparse=no
within 60 begun || fail 'no disk is made'
on_host a sh -c 'kill -STOP $(pidof qemu-img)' || fail 'qemu-img is not at work'
await_screen 30 'allocating /var/slow/web1.img .* of 2.0 GiB'
type_keys '\003'
await_end 60 && fail 'an interrupted installation is no success'
within 60 gone || fail 'the disk stays'
nothing

step 'an image is verified, copied, sent'
stopped qemu:///system '' 'verifying the image' --image "$image,sha256=$(printf %064d 0)"
stopped qemu:///system '' 'copying the image' --image "$image,copy=yes,path=/var/slow/web1.img"
# between file systems, and within one
stopped qemu:///system '' 'copying the image' --image "$image,copy=yes,path=$images/part/web1.img"
stopped qemu:///system SLOW_BELOW=1000000 'uploading to web1' --image "$image,copy=yes"
stopped "$(uri b)" SLOW_BELOW=1000000 'uploading to image-' --image "$image"
echo done
