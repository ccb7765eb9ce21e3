/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * families-char.c - the sub-options of character devices, and what every device has.
 *
 * A row is { sub-option, where its value goes below the option's element, kind }. NULL: the option's own file knows what to do with it.
 * "[]" in the name is a number that counts from 0, and the same element in the path.
 */
#include "families.h"

const struct suboption address_rows[] = {
    { "address.type", "address/@type", SUB_TEXT },
    { "address.domain", "address/@domain", SUB_INT },
    { "address.bus", "address/@bus", SUB_INT },
    { "address.slot", "address/@slot", SUB_INT },
    { "address.multifunction", "address/@multifunction", SUB_ONOFF },
    { "address.function", "address/@function", SUB_INT },
    { "address.controller", "address/@controller", SUB_INT },
    { "address.unit", "address/@unit", SUB_INT },
    { "address.port", "address/@port", SUB_INT },
    { "address.target", "address/@target", SUB_INT },
    { "address.reg", "address/@reg", SUB_TEXT },
    { "address.cssid", "address/@cssid", SUB_TEXT },
    { "address.ssid", "address/@ssid", SUB_TEXT },
    { "address.devno", "address/@devno", SUB_TEXT },
    { "address.iobase", "address/@iobase", SUB_TEXT },
    { "address.irq", "address/@irq", SUB_TEXT },
    { "address.base", "address/@base", SUB_TEXT },
    { "address.zpci.uid", "address/zpci/@uid", SUB_TEXT },
    { "address.zpci.fid", "address/zpci/@fid", SUB_TEXT },
    { "alias.name", "alias/@name", SUB_TEXT },
    { NULL },
};

static const struct suboption line_rows[] = {
    { "type", "@type", SUB_TEXT, .alias = "char_type" },
    { "path", "source/@path", SUB_TEXT },
    { "mode", "source/@mode", SUB_TEXT },
    { "bind_host", NULL, SUB_TEXT },
    { "host", NULL, SUB_TEXT },
    { "protocol.type", "protocol/@type", SUB_TEXT, .alias = "protocol" },
    { "target.address", NULL, SUB_TEXT, .alias = "target_address" },
    { "target.type", "target/@type", SUB_TEXT, .alias = "target_type" },
    { "target.name", "target/@name", SUB_TEXT, .alias = "name" },
    { "target.port", "target/@port", SUB_INT },
    { "target.model.name", "target/model/@name", SUB_TEXT },
    { NULL },
};

static const struct suboption source_rows[] = {
    { "source.path", "source/@path", SUB_TEXT },
    { "source.host", NULL, SUB_TEXT },
    { "source.service", NULL, SUB_INT },
    { "source.bind_host", NULL, SUB_TEXT },
    { "source.bind_service", NULL, SUB_INT },
    { "source.connect_host", NULL, SUB_TEXT },
    { "source.connect_service", NULL, SUB_INT },
    { "source.mode", "source/@mode", SUB_TEXT },
    { "source.master", "source/@master", SUB_TEXT },
    { "source.slave", "source/@slave", SUB_TEXT },
    { "source.seclabel[].model", "source/seclabel[]/@model", SUB_TEXT },
    { "source.seclabel[].relabel", "source/seclabel[]/@relabel", SUB_YESNO },
    { "source.seclabel[].label", "source/seclabel[]/label", SUB_TEXT, .comma = true },
    { "log.file", "log/@file", SUB_TEXT },
    { "log.append", "log/@append", SUB_ONOFF },
    { "source.clipboard.copypaste", "source/clipboard/@copypaste", SUB_YESNO },
    { "source.mouse.mode", "source/mouse/@mode", SUB_TEXT },
    { "source.channel", "source/@channel", SUB_TEXT },
    { "source.tls", "source/@tls", SUB_YESNO },
    { NULL },
};

static const struct suboption redirdev[] = {
    { "boot.order", "boot/@order", SUB_INT, .alias = "boot_order" },
    { "bus", "@bus", SUB_TEXT },
    { "type", "@type", SUB_TEXT },
    { "server", "source/@host", SUB_TEXT },
    { "protocol.type", "protocol/@type", SUB_TEXT },
    { NULL },
};

static const struct suboption smartcard[] = {
    { "mode", "@mode", SUB_TEXT },
    { "type", "@type", SUB_TEXT },
    { "protocol.type", "protocol/@type", SUB_TEXT },
    { "database", "database", SUB_TEXT, .comma = true },
    { "certificate[]", "certificate[]", SUB_TEXT, .comma = true },
    { NULL },
};

static const struct suboption rng[] = {
    { "driver.ats", "driver/@ats", SUB_ONOFF },
    { "driver.iommu", "driver/@iommu", SUB_ONOFF },
    { "driver.packed", "driver/@packed", SUB_ONOFF },
    { "driver.page_per_vq", "driver/@page_per_vq", SUB_ONOFF },
    { "type", "backend/@model", SUB_TEXT },
    { "device", "backend", SUB_TEXT },
    { "model", "@model", SUB_TEXT },
    { "backend", "backend", SUB_TEXT },
    { "backend.model", "backend/@model", SUB_TEXT },
    { "backend.type", "backend/@type", SUB_TEXT, .alias = "backend_type" },
    { "backend.source.path", "backend/source/@path", SUB_TEXT },
    { "backend.source.host", NULL, SUB_TEXT, .alias = "backend_host" },
    { "backend.source.service", NULL, SUB_INT, .alias = "backend_service" },
    { "backend.source.bind_host", NULL, SUB_TEXT },
    { "backend.source.bind_service", NULL, SUB_INT },
    { "backend.source.connect_host", NULL, SUB_TEXT, .alias = "backend_connect_host" },
    { "backend.source.connect_service", NULL, SUB_INT, .alias = "backend_connect_service" },
    { "backend.source.mode", "backend/source/@mode", SUB_TEXT, .alias = "backend_mode" },
    { "backend.source.master", "backend/source/@master", SUB_TEXT },
    { "backend.source.slave", "backend/source/@slave", SUB_TEXT },
    { "backend.source.seclabel[].model", "backend/source/seclabel[]/@model", SUB_TEXT },
    { "backend.source.seclabel[].relabel", "backend/source/seclabel[]/@relabel", SUB_YESNO },
    { "backend.source.seclabel[].label", "backend/source/seclabel[]/label", SUB_TEXT, .comma = true },
    { "backend.protocol.type", "backend/protocol/@type", SUB_TEXT },
    { "backend.log.file", "backend/log/@file", SUB_TEXT },
    { "backend.log.append", "backend/log/@append", SUB_ONOFF },
    { "backend.source.clipboard.copypaste", "backend/source/clipboard/@copypaste", SUB_YESNO },
    { "backend.source.mouse.mode", "backend/source/mouse/@mode", SUB_TEXT },
    { "backend.source.channel", "backend/source/@channel", SUB_TEXT },
    { "backend.source.tls", "backend/source/@tls", SUB_YESNO },
    { "rate.bytes", "rate/@bytes", SUB_TEXT, .alias = "rate_bytes" },
    { "rate.period", "rate/@period", SUB_TEXT, .alias = "rate_period" },
    { NULL },
};

const struct family char_families[] = {
    { "serial", "devices/serial", .many = true, .first = { "type" }, .rows = { line_rows, source_rows, address_rows } },
    { "parallel", "devices/parallel", .many = true, .first = { "type" }, .rows = { line_rows, source_rows, address_rows } },
    { "console", "devices/console", .many = true, .first = { "type" }, .rows = { line_rows, source_rows, address_rows } },
    { "channel", "devices/channel", .many = true, .first = { "type" }, .rows = { line_rows, source_rows, address_rows } },
    { "redirdev", "devices/redirdev", .many = true, .first = { "bus" }, .rows = { redirdev, source_rows, address_rows } },
    { "smartcard", "devices/smartcard", .many = true, .first = { "mode" }, .rows = { smartcard, source_rows, address_rows } },
    { "rng", "devices/rng", .many = true, .first = { "backend.model" }, .rows = { rng, address_rows } },
    { NULL },
};
