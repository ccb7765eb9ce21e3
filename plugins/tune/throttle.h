/* SPDX-License-Identifier: GPL-3.0-or-later */
/* throttle.h - the limits of a disk, or of a group of disks: bytes and operations a second, and in a burst. */
#ifndef TUNE_THROTTLE_H
#define TUNE_THROTTLE_H

#include "tune.h"

struct throttle_args {
    virDomainPtr domain;
    const char *device, *group_name;
    uint64_t total_bytes_sec, read_bytes_sec, write_bytes_sec, total_iops_sec, read_iops_sec, write_iops_sec;
    uint64_t total_bytes_sec_max, read_bytes_sec_max, write_bytes_sec_max, total_iops_sec_max, read_iops_sec_max, write_iops_sec_max;
    uint64_t size_iops_sec;
    uint64_t total_bytes_sec_max_length, read_bytes_sec_max_length, write_bytes_sec_max_length;
    uint64_t total_iops_sec_max_length, read_iops_sec_max_length, write_iops_sec_max_length;
    unsigned int flags;
};

/* Each has virsh's older spelling, with underscores, as an alias before it. */
#define LIMIT(kind, m, option, key, help, ...) \
    HVSH_ALIAS(#m, option), kind(struct throttle_args, m, help, .param = key, __VA_ARGS__)
#define BYTES(m, option, key, help) LIMIT(HVSH_SIZE, m, option, key, help, .unit = "B")
#define COUNT(m, option, key, help) LIMIT(HVSH_UINT64, m, option, key, help, .min = 0)

#define THROTTLE_LIMITS \
    BYTES(total_bytes_sec, "total-bytes-sec", VIR_DOMAIN_BLOCK_IOTUNE_TOTAL_BYTES_SEC, "bytes a second"), \
    BYTES(read_bytes_sec, "read-bytes-sec", VIR_DOMAIN_BLOCK_IOTUNE_READ_BYTES_SEC, "bytes read a second"), \
    BYTES(write_bytes_sec, "write-bytes-sec", VIR_DOMAIN_BLOCK_IOTUNE_WRITE_BYTES_SEC, "bytes written a second"), \
    COUNT(total_iops_sec, "total-iops-sec", VIR_DOMAIN_BLOCK_IOTUNE_TOTAL_IOPS_SEC, "operations a second"), \
    COUNT(read_iops_sec, "read-iops-sec", VIR_DOMAIN_BLOCK_IOTUNE_READ_IOPS_SEC, "reads a second"), \
    COUNT(write_iops_sec, "write-iops-sec", VIR_DOMAIN_BLOCK_IOTUNE_WRITE_IOPS_SEC, "writes a second"), \
    BYTES(total_bytes_sec_max, "total-bytes-sec-max", VIR_DOMAIN_BLOCK_IOTUNE_TOTAL_BYTES_SEC_MAX, "bytes a second in a burst"), \
    BYTES(read_bytes_sec_max, "read-bytes-sec-max", VIR_DOMAIN_BLOCK_IOTUNE_READ_BYTES_SEC_MAX, "bytes read a second in a burst"), \
    BYTES(write_bytes_sec_max, "write-bytes-sec-max", VIR_DOMAIN_BLOCK_IOTUNE_WRITE_BYTES_SEC_MAX, "bytes written a second in a burst"), \
    COUNT(total_iops_sec_max, "total-iops-sec-max", VIR_DOMAIN_BLOCK_IOTUNE_TOTAL_IOPS_SEC_MAX, "operations a second in a burst"), \
    COUNT(read_iops_sec_max, "read-iops-sec-max", VIR_DOMAIN_BLOCK_IOTUNE_READ_IOPS_SEC_MAX, "reads a second in a burst"), \
    COUNT(write_iops_sec_max, "write-iops-sec-max", VIR_DOMAIN_BLOCK_IOTUNE_WRITE_IOPS_SEC_MAX, "writes a second in a burst"), \
    COUNT(size_iops_sec, "size-iops-sec", VIR_DOMAIN_BLOCK_IOTUNE_SIZE_IOPS_SEC, "size up to which an operation counts as one")
#define THROTTLE_BURSTS \
    COUNT(total_bytes_sec_max_length, "total-bytes-sec-max-length", VIR_DOMAIN_BLOCK_IOTUNE_TOTAL_BYTES_SEC_MAX_LENGTH, \
          "seconds that a burst of bytes may last"), \
    COUNT(read_bytes_sec_max_length, "read-bytes-sec-max-length", VIR_DOMAIN_BLOCK_IOTUNE_READ_BYTES_SEC_MAX_LENGTH, \
          "seconds that a burst of bytes read may last"), \
    COUNT(write_bytes_sec_max_length, "write-bytes-sec-max-length", VIR_DOMAIN_BLOCK_IOTUNE_WRITE_BYTES_SEC_MAX_LENGTH, \
          "seconds that a burst of bytes written may last"), \
    COUNT(total_iops_sec_max_length, "total-iops-sec-max-length", VIR_DOMAIN_BLOCK_IOTUNE_TOTAL_IOPS_SEC_MAX_LENGTH, \
          "seconds that a burst of operations may last"), \
    COUNT(read_iops_sec_max_length, "read-iops-sec-max-length", VIR_DOMAIN_BLOCK_IOTUNE_READ_IOPS_SEC_MAX_LENGTH, \
          "seconds that a burst of reads may last"), \
    COUNT(write_iops_sec_max_length, "write-iops-sec-max-length", VIR_DOMAIN_BLOCK_IOTUNE_WRITE_IOPS_SEC_MAX_LENGTH, \
          "seconds that a burst of writes may last")

#endif
