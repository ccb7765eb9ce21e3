/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hard-signatures.c - the options of fourteen commands as virsh 9.0 has them, in its order. */
#include "hard-commands.h"

const struct hard_signature hard_signatures[] = {
    { "list",
      "inactive all transient persistent with-snapshot without-snapshot with-checkpoint without-checkpoint state-running "
      "state-paused state-shutoff state-other autostart no-autostart with-managed-save without-managed-save uuid name id "
      "table managed-save title" },
    { "migrate",
      "!@domain:string !@desturi:string live offline p2p direct tunneled=tunnelled tunnelled persistent undefinesource "
      "suspend copy-storage-all copy-storage-inc copy-storage-synchronous-writes change-protection unsafe verbose "
      "compressed auto-converge rdma-pin-all abort-on-error postcopy postcopy-after-precopy postcopy-resume zerocopy "
      "@migrateuri:string @graphicsuri:string @listen-address:string @dname:string @timeout:number timeout-suspend "
      "timeout-postcopy @xml:string @migrate-disks:string @disks-port:number @disks-uri:string @comp-methods:string "
      "@comp-mt-level:number @comp-mt-threads:number @comp-mt-dthreads:number @comp-xbzrle-cache:number "
      "@auto-converge-initial:number @auto-converge-increment:number @persistent-xml:string tls @postcopy-bandwidth:number "
      "parallel @parallel-connections:number @bandwidth:number @tls-destination:string" },
    { "blkdeviotune",
      "!@domain:string !@device:string total_bytes_sec=total-bytes-sec @total-bytes-sec:number "
      "read_bytes_sec=read-bytes-sec @read-bytes-sec:number write_bytes_sec=write-bytes-sec @write-bytes-sec:number "
      "total_iops_sec=total-iops-sec @total-iops-sec:number read_iops_sec=read-iops-sec @read-iops-sec:number "
      "write_iops_sec=write-iops-sec @write-iops-sec:number total_bytes_sec_max=total-bytes-sec-max "
      "@total-bytes-sec-max:number read_bytes_sec_max=read-bytes-sec-max @read-bytes-sec-max:number "
      "write_bytes_sec_max=write-bytes-sec-max @write-bytes-sec-max:number total_iops_sec_max=total-iops-sec-max "
      "@total-iops-sec-max:number read_iops_sec_max=read-iops-sec-max @read-iops-sec-max:number "
      "write_iops_sec_max=write-iops-sec-max @write-iops-sec-max:number size_iops_sec=size-iops-sec @size-iops-sec:number "
      "group_name=group-name @group-name:string total_bytes_sec_max_length=total-bytes-sec-max-length "
      "@total-bytes-sec-max-length:number read_bytes_sec_max_length=read-bytes-sec-max-length "
      "@read-bytes-sec-max-length:number write_bytes_sec_max_length=write-bytes-sec-max-length "
      "@write-bytes-sec-max-length:number total_iops_sec_max_length=total-iops-sec-max-length "
      "@total-iops-sec-max-length:number read_iops_sec_max_length=read-iops-sec-max-length "
      "@read-iops-sec-max-length:number write_iops_sec_max_length=write-iops-sec-max-length "
      "@write-iops-sec-max-length:number config live current" },
    { "setvcpus",
      "!@domain:string !@count:number maximum config live current guest hotpluggable" },
    { "vol-create-from",
      "!@pool:string !@file:string !@vol:string @inputpool:string prealloc-metadata reflink validate" },
    { "snapshot-create-as",
      "!@domain:string @name:string @description:string print-xml no-metadata halt disk-only reuse-external quiesce atomic "
      "live validate memspec:string @diskspec:string..." },
    { "attach-disk",
      "!@domain:string !@source:string !@target:string @targetbus:string @driver:string @subdriver:string @iothread:string "
      "@cache:string @io:string @type:string shareable=mode=shareable @mode:string @sourcetype:string @serial:string "
      "@wwn:string @alias:string rawio @address:string multifunction print-xml @source-protocol:string "
      "@source-host-name:string @source-host-transport:string @source-host-socket:string persistent config live current" },
    { "blockcopy",
      "!@domain:string !@path:string @dest:string @bandwidth:number shallow reuse-external raw=format=raw blockdev wait "
      "verbose @timeout:number pivot finish async @xml:string @format:string @granularity:number @buf-size:number bytes "
      "transient-job synchronous-writes print-xml" },
    { "domstats",
      "state cpu-total balloon vcpu interface block perf iothread memory dirtyrate vm list-active list-inactive "
      "list-persistent list-transient list-running list-paused list-shutoff list-other raw enforce backing nowait "
      "@domain:string..." },
    { "desc",
      "!@domain:string live config current title edit @new-desc:string..." },
    { "event",
      "@domain:string @event:string all loop @timeout:number list timestamp" },
    { "nodedev-list",
      "tree @cap:string inactive all" },
    { "undefine",
      "!@domain:string managed-save @storage:string remove-all-storage delete-snapshots=delete-storage-volume-snapshots "
      "delete-storage-volume-snapshots wipe-storage snapshots-metadata checkpoints-metadata nvram keep-nvram tpm keep-tpm" },
    { "domblkinfo",
      "!@domain:string @device:string human all" },
    { NULL, NULL }
};
