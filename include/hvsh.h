/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hvsh.h - the only header that a plugin of the hypervisor shell includes.
 *
 * A command is a function from one C struct (its arguments) to a stream of C structs (its result rows).
 * Both structs are described by the same kind of table, `struct hvsh_field`, and everything else is a walk
 * over these tables: parsing, usage, help, the manual page, completion, the Lua function, the text table, JSON.
 *
 *     struct hello_args { virDomainPtr domain; unsigned times; };
 *     struct hello_row  { const char *name; uint64_t memory; };
 *
 *     static const struct hvsh_field hello_args[] = {
 *         HVSH_DOMAIN(struct hello_args, domain, "domain name, id or uuid", .flags = HVSH_REQUIRED),
 *         HVSH_UINT  (struct hello_args, times, "how often", .fallback = "1", .max = 10),
 *         HVSH_END
 *     };
 *
 * Rules that hold everywhere:
 *  - Tables are `static const`; the shell keeps pointers into them for the life of the process.
 *  - Whatever `args` points to belongs to the call and lives until `run` returns. A row need only live during
 *    hvsh_emit(). What a command allocates it hands to hvsh_defer() or gets from hvsh_printf().
 *  - A function that returns int returns 0 or -1, where nothing else is said; after -1 a sentence has been recorded by hvsh_fail*(), but not
 *    when the call was cancelled: -1 is then all there is to return.
 *  - Values have one canonical unit: bytes, nanoseconds, seconds since 1970; typed parameters keep libvirt's own.
 *  - In rows NULL, INT_MIN, UINT_MAX, INT64_MIN, UINT64_MAX and NAN mean "missing".
 */
#ifndef HVSH_H
#define HVSH_H

#ifdef __cplusplus
# error "hvsh.h is for C: write the plugin's tables in a C file (-std=gnu17) and call C++ from there"
#endif

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

struct pollfd;

/* The contract's version: a plugin works in every shell of the same ABI whose minor is at least the one of what it uses. */
#define HVSH_ABI 1
#define HVSH_ABI_MINOR 2

#if defined(__GNUC__)
# define HVSH_PUBLIC __attribute__((visibility("default")))
# define HVSH_FORMAT(f, a) __attribute__((format(printf, f, a)))
# define HVSH_MUST_USE __attribute__((warn_unused_result))
#else
# define HVSH_PUBLIC
# define HVSH_FORMAT(f, a)
# define HVSH_MUST_USE
#endif

/* One command in progress. Opaque; valid from the start of `run` (or of a completer) until it returns. */
typedef struct hvsh_call hvsh_call;

/* A text that grows; what types print into. Opaque. */
typedef struct hvsh_buffer hvsh_buffer;

struct hvsh_field;

/* ---- Types --------------------------------------------------------------------------------------------------- */

/* What a value is. Code asks type->kind, never a type's address. The C type of the bound member stands beside it. */
enum hvsh_kind {
    HVSH_KIND_NONE = 0,
    HVSH_KIND_FLAG,       /* bool                 */
    HVSH_KIND_BIT,        /* unsigned int         the row's .value is OR'ed in (most virsh options are these) */
    HVSH_KIND_TEXT,       /* const char *         */
    HVSH_KIND_INT,        /* int                  */
    HVSH_KIND_UINT,       /* unsigned int         */
    HVSH_KIND_INT64,      /* int64_t              */
    HVSH_KIND_UINT64,     /* uint64_t             */
    HVSH_KIND_REAL,       /* double               */
    HVSH_KIND_SIZE,       /* uint64_t             bytes; read with suffixes, `.unit` when there is none */
    HVSH_KIND_BANDWIDTH,  /* uint64_t             libvirt's unit: MiB/s, or bytes/s when the flag named in .scope is given */
    HVSH_KIND_DURATION,   /* uint64_t             nanoseconds; read as 90s, 5m, 1h30m; `.unit` when there is none; "forever" is
                             UINT64_MAX - 1: compare before you add */
    HVSH_KIND_TIME,       /* int64_t              seconds since 1970 */
    HVSH_KIND_PERCENT,    /* double               0..100 */
    HVSH_KIND_ENUM,       /* int                  one of .choices */
    HVSH_KIND_PATH,       /* const char *         a file name of this machine; made absolute, but for "" and "-" */
    HVSH_KIND_XML,        /* const char *         the document: read from the file whose name is given */
    HVSH_KIND_UUID,       /* const char *         */
    HVSH_KIND_MAC,        /* const char *         lower case, colons */
    HVSH_KIND_CPUSET,     /* struct hvsh_cpuset   */
    /* libvirt's objects; in rows their names are shown, a secret's UUID, a connection's URI */
    HVSH_KIND_DOMAIN,     /* virDomainPtr         id, uuid or name */
    HVSH_KIND_NETWORK,    /* virNetworkPtr        */
    HVSH_KIND_POOL,       /* virStoragePoolPtr    */
    HVSH_KIND_VOLUME,     /* virStorageVolPtr     name (with the pool of .scope), key or path */
    HVSH_KIND_INTERFACE,  /* virInterfacePtr      host interface, name or MAC */
    HVSH_KIND_NODEDEV,    /* virNodeDevicePtr     */
    HVSH_KIND_SECRET,     /* virSecretPtr         */
    HVSH_KIND_NWFILTER,   /* virNWFilterPtr       */
    HVSH_KIND_SNAPSHOT,   /* virDomainSnapshotPtr    of the domain of .scope */
    HVSH_KIND_CHECKPOINT, /* virDomainCheckpointPtr  of the domain of .scope */
    HVSH_KIND_CONNECTION, /* virConnectPtr        the name of an open connection, or a URI, which is open under that name from then on */
    HVSH_KIND_PARAMS,     /* struct hvsh_params   rows only: libvirt's typed parameters */
    HVSH_KIND_ROWS,       /* struct hvsh_rows     rows only: nested rows, described by .fields */
    HVSH_KIND_XPATH,      /* reserved */
    /* Rows of a table that bind nothing */
    HVSH_KIND_ALIAS = 100,
    HVSH_KIND_EXCLUDES,
    HVSH_KIND_REQUIRES,
    HVSH_KIND_ONE_OF,
};

struct hvsh_cpuset { unsigned char *map; int length; };               /* a libvirt cpumap of `length` bytes; NULL: missing */
struct hvsh_params { const struct _virTypedParameter *items; int count; };
struct hvsh_rows   { const void *items; size_t count; };

/* A list: bound by HVSH_TEXTS and its like. `items` is an array of the element's C type. */
#define HVSH_LIST_OF(type) struct { size_t count; type *items; }

/* How a value is wanted in print(). */
enum hvsh_style {
    HVSH_PLAIN = 0,       /* as virsh prints it: stable, for pipes */
    HVSH_HUMAN,           /* for a person at a terminal: units, short */
    HVSH_DATA,            /* canonical, for CSV and Lua strings: the raw number */
};

/*
 * A type: how text becomes a value and a value text. All functions may be NULL where there is nothing to do.
 *
 * parse: turn `text` (never NULL) into the value at `value` (zeroed, `size` bytes). Returns 0, or -1 after hvsh_fail*().
 * print: append the text of the value; nothing is appended when the value is missing.
 * offer: call hvsh_offer() for each candidate that begins with `start`. Runs on a worker; never asks questions.
 * clear: free what parse put into the value; takes a zeroed value.
 */
struct hvsh_type {
    const char *name;                  /* as usage shows it: "string", "number", "domain" */
    enum hvsh_kind kind;
    uint32_t flags;                    /* reserved: 0 */
    size_t size;                       /* of the C member */
    int  (*parse)(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value);
    void (*print)(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out);
    int  (*offer)(hvsh_call *call, const struct hvsh_field *field, const char *start);
    void (*clear)(void *value);
    const void *reserved[2];
};

HVSH_PUBLIC extern const struct hvsh_type
    hvsh_type_flag, hvsh_type_bit, hvsh_type_text, hvsh_type_int, hvsh_type_uint, hvsh_type_int64, hvsh_type_uint64,
    hvsh_type_real, hvsh_type_size, hvsh_type_bandwidth, hvsh_type_duration, hvsh_type_time, hvsh_type_percent,
    hvsh_type_enum, hvsh_type_path, hvsh_type_xml, hvsh_type_uuid, hvsh_type_mac, hvsh_type_cpuset,
    hvsh_type_domain, hvsh_type_network, hvsh_type_pool, hvsh_type_volume, hvsh_type_interface, hvsh_type_nodedev,
    hvsh_type_secret, hvsh_type_nwfilter, hvsh_type_snapshot, hvsh_type_checkpoint, hvsh_type_connection,
    hvsh_type_params, hvsh_type_rows,
    hvsh_type_alias, hvsh_type_excludes, hvsh_type_requires, hvsh_type_one_of;

/* One word of an enumeration; the table ends with a NULL name. */
struct hvsh_choice {
    const char *name;
    int64_t value;
    const char *help;
};

/* ---- Fields: the rows of every table -------------------------------------------------------------------------- */

enum {
    HVSH_REQUIRED  = 1 << 0,   /* must be given */
    HVSH_NAMED     = 1 << 1,   /* only by name, never by position */
    HVSH_EMPTY_OK  = 1 << 2,   /* "" is a value */
    HVSH_REST      = 1 << 3,   /* list: takes all remaining words of the line */
    HVSH_REPEAT    = 1 << 4,   /* list: the option may be given again and again; order kept */
    HVSH_COMMA     = 1 << 5,   /* list: one word, separated by commas */
    HVSH_SECRET    = 1 << 6,   /* never in history, logs or traces; asked for when it is required and missing */
    HVSH_HIDE      = 1 << 7,   /* arguments: accepted, but not in help or completion; rows: for the text only, not in JSON, CSV and Lua */
    HVSH_WORD      = 1 << 8,   /* a number or size that virsh declares as a string (wording of its errors) */
    HVSH_OPTIONAL_VALUE = 1 << 9, /* `--wait` alone is `.bare` */
    HVSH_COMMAND   = 1 << 10,  /* with REST: the words of another command; once it has begun, its options are not this command's */
    HVSH_AT_TERMINAL = 1 << 11, /* when it is given, the command owns the terminal as if it were flagged HVSH_TERMINAL (desc --edit) */
    HVSH_OWN_CONNECTION = 1 << 12, /* CONNECTION: the call's own from then on: hvsh_connection(), hvsh_uri() and the commands it runs use it. Since minor 2 */
    HVSH_LIST      = 1 << 16,  /* set by the list macros */
};

/* The ways to name an object, where a command allows only some: domname takes an id or a UUID. */
enum { HVSH_BY_ID = 1, HVSH_BY_UUID = 2, HVSH_BY_NAME = 4 };

/*
 * One argument, one result column, an alias or a rule. Made by the macros below; members not named there are given
 * behind the help text: HVSH_UINT(struct a, count, "how many", .flags = HVSH_REQUIRED, .max = 9).
 * New members come only at the end; what is not set is zero.
 */
struct hvsh_field {
    const char *member;                /* set by the macros: the C member, which names the field with '_' as '-' ... */
    const char *name;                  /* ... unless this says otherwise */
    const struct hvsh_type *type;
    size_t offset;
    const char *help;                  /* one line, lower case, no full stop; rules: the sentence when it is broken (NULL: the usual one) */
    uint32_t flags;
    uint32_t letter;                   /* arguments, commands flagged HVSH_GETOPT: the short option, 'n' for -n */
    const char *label;                 /* rows: heading of the column, or what a record prints before the value ("Id:"); without it a table or
                                          record does not show the field as text (JSON, CSV and Lua have it; templates may name it) */
    const char *unit;                  /* SIZE, DURATION: unit of a bare number ("KiB", "s"); rows: unit of the plain text ("auto": the fitting one) */
    const char *missing;               /* rows: what text shows for a missing value (default "-" in tables, no line in records) */
    const char *fallback;              /* arguments: parsed when nothing was given; a BIT's: "yes" = when no other row of its member was given */
    const char *bare;                  /* arguments: the value when the option stands alone */
    const char *other;                 /* aliases and rules: the option(s) meant */
    const char *scope;                 /* the argument(s) this one depends on, "inputpool pool": the first given counts */
    const char *when;                  /* rows: shown in text only when this argument was given ("!x": was not given) */
    const char *param;                 /* the typed parameter this argument sets (VIR_DOMAIN_...), see hvsh_params() */
    uint64_t value;                    /* BIT: what is OR'ed in; objects: HVSH_BY_..., the ways to name it (0: all that the type knows) */
    int64_t min;                       /* numbers: smallest value allowed; counts as soon as one of min and max is not 0 */
    uint64_t max;                      /* numbers: largest value allowed; 0: the type's */
    uint64_t select;                   /* objects: flags of libvirt's virConnectListAll*() that the command can use (completion) */
    const struct hvsh_choice *choices; /* ENUM; also words offered for TEXT, and named when a command fails that was given another; for a FLAG in rows
                                          the words for false and true */
    const struct hvsh_field *fields;   /* ROWS: the table of the nested row */
    size_t row_size;                   /* ROWS: sizeof the nested row */
    int (*offer)(hvsh_call *call, const struct hvsh_field *field, const char *start);  /* completer of this field alone */
    const void *shell;                 /* the shell's own: leave it NULL */
    const void *reserved[3];
    bool (*is_secret)(const char *text);   /* arguments: is this value one that no history may have (or a line that has one)? NULL: by the flags */
};

/* offsetof, and a compile-time error when the member has another C type. */
#define HVSH_OFFSET(strct, mem, ctype) \
    (offsetof(strct, mem) + 0 * sizeof(_Generic(&((strct *)0)->mem, ctype *: 0)))
#define HVSH_LIST_OFFSET(strct, mem, ctype) \
    (offsetof(strct, mem) + 0 * sizeof(_Generic(((strct *)0)->mem.items, ctype *: 0)))
#define HVSH_BIND(strct, mem, ctype, t, ...) \
    { .member = #mem, .type = &(t), .offset = HVSH_OFFSET(strct, mem, ctype), .help = __VA_ARGS__ }

#define HVSH_FLAG(s, m, ...)       HVSH_BIND(s, m, bool, hvsh_type_flag, __VA_ARGS__)
#define HVSH_TEXT(s, m, ...)       HVSH_BIND(s, m, const char *, hvsh_type_text, __VA_ARGS__)
#define HVSH_INT(s, m, ...)        HVSH_BIND(s, m, int, hvsh_type_int, __VA_ARGS__)
#define HVSH_UINT(s, m, ...)       HVSH_BIND(s, m, unsigned int, hvsh_type_uint, __VA_ARGS__)
#define HVSH_INT64(s, m, ...)      HVSH_BIND(s, m, int64_t, hvsh_type_int64, __VA_ARGS__)
#define HVSH_UINT64(s, m, ...)     HVSH_BIND(s, m, uint64_t, hvsh_type_uint64, __VA_ARGS__)
#define HVSH_REAL(s, m, ...)       HVSH_BIND(s, m, double, hvsh_type_real, __VA_ARGS__)
#define HVSH_SIZE(s, m, ...)       HVSH_BIND(s, m, uint64_t, hvsh_type_size, __VA_ARGS__)
#define HVSH_BANDWIDTH(s, m, ...)  HVSH_BIND(s, m, uint64_t, hvsh_type_bandwidth, __VA_ARGS__)
#define HVSH_DURATION(s, m, ...)   HVSH_BIND(s, m, uint64_t, hvsh_type_duration, __VA_ARGS__)
#define HVSH_TIME(s, m, ...)       HVSH_BIND(s, m, int64_t, hvsh_type_time, __VA_ARGS__)
#define HVSH_PERCENT(s, m, ...)    HVSH_BIND(s, m, double, hvsh_type_percent, __VA_ARGS__)
#define HVSH_ENUM(s, m, ...)       HVSH_BIND(s, m, int, hvsh_type_enum, __VA_ARGS__)
#define HVSH_PATH(s, m, ...)       HVSH_BIND(s, m, const char *, hvsh_type_path, __VA_ARGS__)
#define HVSH_XML(s, m, ...)        HVSH_BIND(s, m, const char *, hvsh_type_xml, __VA_ARGS__)
#define HVSH_UUID(s, m, ...)       HVSH_BIND(s, m, const char *, hvsh_type_uuid, __VA_ARGS__)
#define HVSH_MAC(s, m, ...)        HVSH_BIND(s, m, const char *, hvsh_type_mac, __VA_ARGS__)
#define HVSH_CPUSET(s, m, ...)     HVSH_BIND(s, m, struct hvsh_cpuset, hvsh_type_cpuset, __VA_ARGS__)
#define HVSH_DOMAIN(s, m, ...)     HVSH_BIND(s, m, virDomainPtr, hvsh_type_domain, __VA_ARGS__)
#define HVSH_NETWORK(s, m, ...)    HVSH_BIND(s, m, virNetworkPtr, hvsh_type_network, __VA_ARGS__)
#define HVSH_POOL(s, m, ...)       HVSH_BIND(s, m, virStoragePoolPtr, hvsh_type_pool, __VA_ARGS__)
#define HVSH_VOLUME(s, m, ...)     HVSH_BIND(s, m, virStorageVolPtr, hvsh_type_volume, __VA_ARGS__)
#define HVSH_INTERFACE(s, m, ...)  HVSH_BIND(s, m, virInterfacePtr, hvsh_type_interface, __VA_ARGS__)
#define HVSH_NODEDEV(s, m, ...)    HVSH_BIND(s, m, virNodeDevicePtr, hvsh_type_nodedev, __VA_ARGS__)
#define HVSH_SECRET_OBJECT(s, m, ...) HVSH_BIND(s, m, virSecretPtr, hvsh_type_secret, __VA_ARGS__)
#define HVSH_NWFILTER(s, m, ...)   HVSH_BIND(s, m, virNWFilterPtr, hvsh_type_nwfilter, __VA_ARGS__)
#define HVSH_SNAPSHOT(s, m, ...)   HVSH_BIND(s, m, virDomainSnapshotPtr, hvsh_type_snapshot, __VA_ARGS__)
#define HVSH_CHECKPOINT(s, m, ...) HVSH_BIND(s, m, virDomainCheckpointPtr, hvsh_type_checkpoint, __VA_ARGS__)
#define HVSH_CONNECTION(s, m, ...) HVSH_BIND(s, m, virConnectPtr, hvsh_type_connection, __VA_ARGS__)
#define HVSH_PARAMS(s, m, ...)     HVSH_BIND(s, m, struct hvsh_params, hvsh_type_params, __VA_ARGS__)

/* Nested rows: HVSH_ROWS(struct domain_row, disks, struct disk_row, disk_fields, "its disks") */
#define HVSH_ROWS(s, m, rowtype, table, ...) \
    { .member = #m, .type = &hvsh_type_rows, .offset = HVSH_OFFSET(s, m, struct hvsh_rows), \
      .fields = (table), .row_size = sizeof(rowtype), .help = __VA_ARGS__ }

/* A bit of a flags word: HVSH_BIT(struct list_args, flags, "inactive", VIR_CONNECT_LIST_DOMAINS_INACTIVE, "list inactive domains") */
#define HVSH_BIT(s, m, optname, bits, ...) \
    { .member = #m, .name = (optname), .type = &hvsh_type_bit, .offset = HVSH_OFFSET(s, m, unsigned int), \
      .value = (bits), .help = __VA_ARGS__ }

/* Lists: the member is HVSH_LIST_OF(ctype); `how` says how it is given, HVSH_REST, HVSH_REPEAT or HVSH_COMMA, and takes further flags too. */
#define HVSH_LISTED(s, m, ctype, t, how, ...) \
    { .member = #m, .type = &(t), .offset = HVSH_LIST_OFFSET(s, m, ctype), .flags = HVSH_LIST | (how), .help = __VA_ARGS__ }
#define HVSH_TEXTS(s, m, how, ...)   HVSH_LISTED(s, m, const char *, hvsh_type_text, how, __VA_ARGS__)
#define HVSH_UINTS(s, m, how, ...)   HVSH_LISTED(s, m, unsigned int, hvsh_type_uint, how, __VA_ARGS__)
#define HVSH_ENUMS(s, m, how, ...)   HVSH_LISTED(s, m, int, hvsh_type_enum, how, __VA_ARGS__)
#define HVSH_DOMAINS(s, m, how, ...) HVSH_LISTED(s, m, virDomainPtr, hvsh_type_domain, how, __VA_ARGS__)

/* Another spelling of an option: HVSH_ALIAS("shareable", "mode=shareable"), HVSH_ALIAS("total_bytes_sec", "total-bytes-sec") */
#define HVSH_ALIAS(spelling, meant) { .name = (spelling), .other = (meant), .type = &hvsh_type_alias }

/*
 * Rules stand in the same table, are checked in its order and before any object is looked up; the first broken one is the message.
 *     HVSH_EXCLUDES("current", "live")                never both
 *     HVSH_REQUIRES("verbose", "wait pivot finish")   a needs one of b
 *     HVSH_ONE_OF("all", "event list")                one of a and b must be given
 * b may name several options, separated by blanks: EXCLUDES means each of them, in this order. The sentence is virsh's usual one, or
 * the rule's own: HVSH_ONE_OF("dest", "xml", .help = "need either --dest or --xml").
 */
#define HVSH_EXCLUDES(a, ...) { .name = (a), .type = &hvsh_type_excludes, .other = __VA_ARGS__ }
#define HVSH_REQUIRES(a, ...) { .name = (a), .type = &hvsh_type_requires, .other = __VA_ARGS__ }
#define HVSH_ONE_OF(a, ...)   { .name = (a), .type = &hvsh_type_one_of, .other = __VA_ARGS__ }

/* --config, --live, --current and their rules; AFFECT_LIVE: nothing given means --live (the older commands' way) */
#define HVSH_AFFECT_ROWS(s, m, ...) \
    HVSH_BIT(s, m, "config", VIR_DOMAIN_AFFECT_CONFIG, "affect next boot"), \
    HVSH_BIT(s, m, "live", VIR_DOMAIN_AFFECT_LIVE, __VA_ARGS__), \
    HVSH_BIT(s, m, "current", 0, "affect current domain"), \
    HVSH_EXCLUDES("current", "live"), \
    HVSH_EXCLUDES("current", "config")
#define HVSH_AFFECT(s, m)      HVSH_AFFECT_ROWS(s, m, "affect running domain")
#define HVSH_AFFECT_LIVE(s, m) HVSH_AFFECT_ROWS(s, m, "affect running domain", .fallback = "yes")

#define HVSH_END { .member = NULL }

/*
 * Where the table has the name of its struct (`static const struct hvsh_field list_args[]` for `struct list_args`):
 *     .args = list_args, .args_size = sizeof(struct list_args)       in a command:  HVSH_ARGS(list_args)
 *     .fields = list_row, .size = sizeof(struct list_row)            in a shape:    HVSH_ROW(list_row)
 */
#define HVSH_ARGS(name) .args = (name), .args_size = sizeof(struct name)
#define HVSH_ROW(name) .fields = (name), .size = sizeof(struct name)
/* .shapes = HVSH_SHAPES(&table, &names), .examples = HVSH_EXAMPLES({ "list --all", "every guest" }) */
#define HVSH_SHAPES(...) (const struct hvsh_shape *const[]){ __VA_ARGS__, NULL }
#define HVSH_EXAMPLES(...) (const struct hvsh_example[]){ __VA_ARGS__, { .line = NULL } }

/* ---- Results --------------------------------------------------------------------------------------------------- */

/* How a text shows the rows. JSON and Lua: TABLE, LINES, STANZAS and TREE are arrays; RECORD and MESSAGE one object; PAIRS an object
 * of its rows; RAW one string or number. */
enum hvsh_shape_kind {
    HVSH_TABLE = 1,       /* virsh's columns: heading, rule, rows */
    HVSH_RECORD,          /* "Label:   value" lines, one row; a list has a line for each value, the label before the first. With .text: that line instead */
    HVSH_PAIRS,           /* rows of (key, value...): the first field is the key; printed by .text */
    HVSH_LINES,           /* each row by the template .text */
    HVSH_STANZAS,         /* .text as a heading, the PARAMS fields as "  key=value" lines, a blank line between rows */
    HVSH_TREE,            /* fields "name" and "parent" */
    HVSH_RAW,             /* the first field alone: a text as it is, and a newline when it does not end with one; a number is one in JSON and Lua */
    HVSH_MESSAGE,         /* the sentence .text on standard output, dropped under -q */
};

enum {
    HVSH_STREAM = 1 << 0,      /* rows come over time: each is flushed at once, no pager */
    HVSH_NO_NEWLINE = 1 << 1,  /* RAW, LINES, RECORD with .text, MESSAGE: as it is, never add a newline */
    HVSH_INDENT = 1 << 2,      /* reserved */
};

/*
 * A shape: one kind of row that a command emits. Templates (.text) name fields in braces: "Domain '{name}' started",
 * "{uuid:-36} {name:-30}" (width, '-' left), "{{" is a brace.
 */
struct hvsh_shape {
    const char *name;                  /* key in JSON when a command has shapes of several names; shapes of the same name are layouts of the
                                          same data (a table, bare names): a layout may leave columns out, and a column is of one type in all */
    enum hvsh_shape_kind kind;
    uint32_t flags;
    const struct hvsh_field *fields;
    size_t size;                       /* sizeof the row */
    const char *text;
    unsigned int width;                /* RECORD: width of the labels (default 15) */
    unsigned int reserved_width;
    const char *heading;               /* LINES: printed before the first row, and without rows; RECORD: as it is, before the row; dropped under
                                          -q */
    const void *reserved[3];
};

/* ---- Checks of the host ------------------------------------------------------------------------------------------------ */

/*
 * A plugin may add checks to host-check: a NULL-terminated list in .checks of HVSH_PLUGIN(). They are run, shown, chosen and put right as
 * those of host-check itself. (Since minor 1.)
 *
 *     static void look(hvsh_call *call, const char *root, struct hvsh_finding *found)
 *     {
 *         if (access(hvsh_printf(call, "%s/dev/zfs", root), F_OK) == 0)
 *             *found = (struct hvsh_finding){ HVSH_PASS, "/dev/zfs is there" };
 *         else if (errno == ENOENT)
 *             *found = (struct hvsh_finding){ HVSH_WARN, "/dev/zfs is not there" };
 *         else
 *             found->evidence = hvsh_printf(call, "/dev/zfs: %s", strerror(errno));
 *     }
 *     static const struct hvsh_check zfs = {
 *         .id = "zfs-module", .area = "storage", .profiles = HVSH_FOR_KVM, .what = "ZFS", .run = look,
 *         .why = "Pools of type zfs need it.", .cure = "modprobe zfs",
 *     };
 *     static const struct hvsh_check *const checks[] = { &zfs, NULL };
 */

/* How bad it is. */
enum hvsh_severity {
    HVSH_PASS = 0,                     /* in order */
    HVSH_NOTE,                         /* worth knowing */
    HVSH_WARN,                         /* works, but badly or in part */
    HVSH_FAIL,                         /* does not work */
    HVSH_UNSURE,                       /* it could not be found out; the evidence says why. What a finding is before its check says more */
};

/* What the host is to be good for. */
enum {
    HVSH_FOR_KVM         = 1 << 0,     /* virtual machines */
    HVSH_FOR_LXC         = 1 << 1,     /* containers */
    HVSH_FOR_MIGRATION   = 1 << 2,     /* virtual machines that move between hosts */
    HVSH_FOR_PASSTHROUGH = 1 << 3,     /* virtual machines with devices of the host */
    HVSH_FOR_DESKTOP     = 1 << 4,     /* virtual machines with a screen */
};

/* What a check found. Texts live until the call ends: a literal, or from hvsh_printf(). */
struct hvsh_finding {
    enum hvsh_severity severity;
    const char *evidence;              /* what was seen, one line */
    const char *cure;                  /* what to do about it; NULL: the check's own text */
    const void *reserved[4];
};

struct hvsh_check {
    const char *id;                    /* kebab-case; stable, scripts name it */
    const char *area;                  /* "storage", "network", ...: host-check --check AREA runs all of it */
    uint32_t profiles;                 /* where it is asked: HVSH_FOR_*; 0: everywhere */
    const char *what;                  /* what is looked at, a few words */
    const char *why;                   /* why it matters, one sentence */
    const char *cure;                  /* what to do; NULL: run says it */
    /* Look and tell. It reads only: it starts no program and changes nothing. Paths begin with `root`, "" but for a recorded host. */
    void (*run)(hvsh_call *call, const char *root, struct hvsh_finding *found);
    /* A command of the shell that puts it right, as words, NULL-terminated; shown, asked for, run, and checked again. NULL: none. */
    const char *const *fix;
    const void *reserved[4];
};

/* ---- Commands and plugins ---------------------------------------------------------------------------------------- */

enum {
    HVSH_NO_CONNECTION = 1 << 0,   /* needs no hypervisor: none is opened before it runs */
    HVSH_TERMINAL      = 1 << 1,   /* owns the terminal while it runs (console, edit): on the main thread, no pager */
    HVSH_DESTRUCTIVE   = 1 << 2,   /* takes --yes and --dry-run, asks by hvsh_confirm() */
    HVSH_HIDDEN        = 1 << 3,   /* not in lists of commands */
    HVSH_GETOPT        = 1 << 4,   /* options as in getopt_long: unambiguous abbreviations, short letters; nothing by position unless .flags says so */
    HVSH_PROMPT_ONLY   = 1 << 5,   /* makes sense at the prompt only (cd) */
    HVSH_UNDO          = 1 << 6,   /* takes --dry-run and keeps an undo list */
    HVSH_OPENS         = 1 << 7,   /* opens its connection itself, by hvsh_connection(): nothing is opened before it runs */
};

/* An example: shown in help and manual, and run (or matched) by the tests. */
enum hvsh_where { HVSH_ON_TEST = 0, HVSH_ON_LIVE, HVSH_MATCH_ONLY };
struct hvsh_example {
    const char *line;                  /* as typed at the prompt */
    const char *help;                  /* what it does */
    enum hvsh_where where;             /* run on the test driver, on a live host, or only matched */
};

struct hvsh_command {
    const char *name;                  /* kebab-case, as virsh's */
    const char *group;                 /* keyword of the help group: "domain", "monitor", "host", ... */
    const char *help;                  /* one line */
    const char *description;           /* paragraphs for help and the manual; NULL: the one line */
    const struct hvsh_field *args;     /* NULL: none */
    size_t args_size;                  /* sizeof the argument struct */
    const struct hvsh_shape *const *shapes;   /* NULL-terminated; NULL: emits nothing */
    const struct hvsh_example *examples;      /* ends with a NULL line; NULL: none */
    int (*run)(hvsh_call *call, const void *args);
    uint32_t flags;
    uint32_t since;                    /* the ABI minor it needs: an older shell leaves the command out and says so */
    const char *alias_of;              /* this name is only another one for that command; all else but name is ignored */
    const char *exit_status;           /* paragraph on exit statuses where they are not virsh's */
    const void *reserved[4];
};

/* A help group: virsh's keyword and title. Groups of one keyword are one group, whatever plugin names them. */
struct hvsh_group {
    const char *keyword;               /* "domain" */
    const char *title;                 /* "Domain Management" */
    int order;                         /* place in `help` */
};

struct hvsh_plugin {
    uint32_t abi, abi_minor;
    /* sizes of what this plugin was built with: the loader copies each element into one of its own size */
    uint32_t plugin_size, command_size, field_size, shape_size, type_size, choice_size, example_size, group_size;
    const char *name;                  /* file name without .so */
    const char *version;
    const char *summary;               /* one line */
    const struct hvsh_command *const *commands;   /* NULL-terminated */
    const struct hvsh_group *groups;   /* ends with a NULL keyword; may be NULL */
    const char *manual;                /* paragraphs for the plugin's manual page; may be NULL */
    int (*start)(hvsh_call *call);     /* called before the plugin's first command runs, until it has returned 0 once; may be NULL. 0, or -1
                                          after hvsh_fail*() */
    const struct hvsh_check *const *checks;       /* NULL-terminated; NULL: none. Since minor 1 */
    const void *reserved[5];
};

/* The one symbol a plugin exports, data only: HVSH_PLUGIN(.name = "hello", .version = "1", .summary = "...", .commands = all); */
#define HVSH_PLUGIN(...) \
    HVSH_PUBLIC extern const struct hvsh_plugin hvsh_plugin; \
    const struct hvsh_plugin hvsh_plugin = { HVSH_PLUGIN_HEAD, __VA_ARGS__ }
#define HVSH_PLUGIN_HEAD \
    .abi = HVSH_ABI, .abi_minor = HVSH_ABI_MINOR, .plugin_size = sizeof(struct hvsh_plugin), \
    .command_size = sizeof(struct hvsh_command), .field_size = sizeof(struct hvsh_field), \
    .shape_size = sizeof(struct hvsh_shape), .type_size = sizeof(struct hvsh_type), \
    .choice_size = sizeof(struct hvsh_choice), .example_size = sizeof(struct hvsh_example), \
    .group_size = sizeof(struct hvsh_group)

/* ---- Services: what was asked --------------------------------------------------------------------------------------- */

/* The connection of this call, opened when it is not yet. NULL after hvsh_fail(). Borrowed: valid until run returns. */
HVSH_PUBLIC virConnectPtr hvsh_connection(hvsh_call *call);

/* The URI of that connection, without opening it; NULL: libvirt's own default. Owned by the call. */
HVSH_PUBLIC const char *hvsh_uri(hvsh_call *call);

/* Was the argument given by the user (fallbacks do not count)? False for a name that is no argument. */
HVSH_PUBLIC bool hvsh_given(hvsh_call *call, const char *name);

/* The text the user wrote for an argument, several joined by blanks, or its fallback; NULL when there is none. Owned by the call. */
HVSH_PUBLIC const char *hvsh_text(hvsh_call *call, const char *name);

/* For types and completers: the resolved value of another argument of the same call (a pointer to the struct's member), which is resolved
 * first if need be; NULL when it was not given and has no fallback, or after hvsh_fail() when it cannot be resolved. */
HVSH_PUBLIC const void *hvsh_peer(hvsh_call *call, const char *name);

/* The typed parameters of every given argument that has .param, in libvirt's keys and units. Owned by the call; count 0: nothing was
 * given (which means "get" in get-and-set commands). 0 or -1. */
HVSH_PUBLIC int hvsh_params(hvsh_call *call, virTypedParameterPtr *params, int *count);

/* Is anyone going to see this column? JSON and Lua see all; text only what it shows. Spare a round trip with it. */
HVSH_PUBLIC bool hvsh_wants(hvsh_call *call, const struct hvsh_shape *shape, const char *field);

/* The user asked for a preview (--dry-run). */
HVSH_PUBLIC bool hvsh_dry_run(hvsh_call *call);

/* ---- Services: results ------------------------------------------------------------------------------------------------ */

/* Emit one row. The row is copied by its table before this returns. 0, or -1 when the call was cancelled: clean up and return -1. */
HVSH_PUBLIC int hvsh_emit(hvsh_call *call, const struct hvsh_shape *shape, const void *row);

/* Tell that a shape of this command will be shown although no row may come: an empty table has its heading. Called by the shell for the
 * first shape of a command that emitted nothing; a command with several tables says which one. */
HVSH_PUBLIC int hvsh_begin(hvsh_call *call, const struct hvsh_shape *shape);

/* A remark for the person at the terminal: standard error, never in pipes' data. */
HVSH_PUBLIC void hvsh_note(hvsh_call *call, const char *format, ...) HVSH_FORMAT(2, 3);

/* Progress of long work, done of total (in bytes or any unit; total 0: unknown; both 0: no more than that it goes on, and the bar shows how
 * long). A bar on a terminal, rows in JSON lines, a call-back in Lua. */
HVSH_PUBLIC void hvsh_progress(hvsh_call *call, const char *what, uint64_t done, uint64_t total);

/* ---- Services: failure ------------------------------------------------------------------------------------------------- */

/* Record why the command fails, one sentence that names the object; returns -1. The first sentence counts, later ones follow it. */
HVSH_PUBLIC int hvsh_fail(hvsh_call *call, const char *format, ...) HVSH_FORMAT(2, 3);
/* The same and libvirt's last error of this thread behind it, with its code and domain for JSON and Lua. Call it before any virXxxFree(). */
HVSH_PUBLIC int hvsh_fail_virt(hvsh_call *call, const char *format, ...) HVSH_FORMAT(2, 3);
/* Every call of libvirt's clears its last error, virDomainGetName() too: it is kept before the arguments of hvsh_fail_virt() are computed. */
HVSH_PUBLIC void hvsh_keep_error(hvsh_call *call);
#define hvsh_fail_virt(call, ...) (hvsh_keep_error(call), hvsh_fail_virt(call, __VA_ARGS__))
/* libvirt's last error of this thread alone. */
HVSH_PUBLIC int hvsh_fail_libvirt(hvsh_call *call);
/* What to do next; shown on a terminal under the error, given to JSON and Lua. Returns -1. */
HVSH_PUBLIC int hvsh_hint(hvsh_call *call, const char *format, ...) HVSH_FORMAT(2, 3);
/* For the hint "did you mean": the word of the NULL-terminated list that is a typing error away from `word`; NULL: none is near. Since minor 2. */
HVSH_PUBLIC const char *hvsh_nearest(const char *word, const char *const words[]);
/* The exit status of the command where 0 and 1 do not say enough; documented in .exit_status. Returns status ? -1 : 0. */
HVSH_PUBLIC int hvsh_exit(hvsh_call *call, int status);

/* ---- Services: memory --------------------------------------------------------------------------------------------------- */

/* Free p by free_it(p) when the call ends, last one first; returns p. p NULL is fine. */
HVSH_PUBLIC void *hvsh_defer(hvsh_call *call, void *p, void (*free_it)(void *));
/* A text owned by the call; never NULL. */
HVSH_PUBLIC char *hvsh_printf(hvsh_call *call, const char *format, ...) HVSH_FORMAT(2, 3);
/* The objects libvirt gives: freed when the call ends. Return their argument. */
HVSH_PUBLIC virDomainPtr hvsh_own_domain(hvsh_call *call, virDomainPtr domain);
HVSH_PUBLIC virNetworkPtr hvsh_own_network(hvsh_call *call, virNetworkPtr network);
HVSH_PUBLIC virStoragePoolPtr hvsh_own_pool(hvsh_call *call, virStoragePoolPtr pool);
HVSH_PUBLIC virStorageVolPtr hvsh_own_volume(hvsh_call *call, virStorageVolPtr volume);
/* A text from libvirt (malloc'ed): freed when the call ends. Returns its argument. */
HVSH_PUBLIC char *hvsh_own_text(hvsh_call *call, char *text);

/* ---- Services: questions --------------------------------------------------------------------------------------------------- */

/*
 * Ask before something that destroys. 1: go on (yes, --yes); 0: do not, it was a dry run and the sentence was shown as what would be done;
 * -1: refused, or nobody can be asked (a script without --yes), after hvsh_fail(). `format` is the deed: "delete volume 'x' (20 GiB)".
 */
HVSH_PUBLIC int hvsh_confirm(hvsh_call *call, const char *format, ...) HVSH_FORMAT(2, 3);
/* Ask for a line; secret: without echo. Owned by the call (wiped, when secret). NULL: nobody there, or cancelled, after hvsh_fail(). */
HVSH_PUBLIC const char *hvsh_ask(hvsh_call *call, const char *question, bool secret);

/* ---- Services: steps with a way back ------------------------------------------------------------------------------------------ */

/* Remember how a step is undone. When run returns -1, as it does when it was cancelled, all are run, last one first, each told to the user by
 * `what` ("removing volume 'x'"; NULL: the function tells it, when there is something to undo); hvsh_keep() forgets them. The function returns 0
 * or -1; it may use hvsh_fail_virt(). A step that cannot be interrupted is remembered before it begins: then Ctrl-C waits for it. */
HVSH_PUBLIC void hvsh_undo(hvsh_call *call, int (*undo)(hvsh_call *call, void *arg), void *arg, const char *what);
HVSH_PUBLIC void hvsh_keep(hvsh_call *call);

/* ---- Services: waiting, threads --------------------------------------------------------------------------------------------------- */

/* Has the user pressed Ctrl-C, or the call been given up? Then clean up and return -1. */
HVSH_PUBLIC bool hvsh_cancelled(hvsh_call *call);
/* Called at the first Ctrl-C: abort what blocks (virDomainAbortJob, virStreamAbort). NULL takes it back. It runs on another thread; for
 * commands flagged HVSH_TERMINAL, within hvsh_wait() or hvsh_cancelled(); within this function when Ctrl-C came before it. */
HVSH_PUBLIC void hvsh_on_cancel(hvsh_call *call, void (*cancel)(void *arg), void *arg);
/* Sleep until hvsh_wake(), one of the descriptors, or the time (milliseconds; -1: no limit). 1: woken or a descriptor is ready (revents
 * set), 0: time over, -1: cancelled. nfds may be 0, and is 16 at most. It can be woken for nothing: look at what was waited for. */
HVSH_PUBLIC int hvsh_wait(hvsh_call *call, struct pollfd *fds, unsigned int nfds, int timeout);
/* End hvsh_wait(). From any thread, libvirt's call-backs included; the call must still live: deregister the call-back first. */
HVSH_PUBLIC void hvsh_wake(hvsh_call *call);
/* Run fn(arg) on a worker and wait for it, cancellable: 0 when it ended, -1 when given up (fn goes on) or when it could not be started.
 * release(arg) is called once in every case, when neither needs it any more, and that is before 0 is returned: what the caller reads
 * afterwards it holds a reference of its own to. NULL: nothing is released; then arg outlives the process's threads. */
HVSH_PUBLIC int hvsh_work(hvsh_call *call, void (*fn)(void *arg), void *arg, void (*release)(void *arg));
/* The same for at most `timeout` milliseconds (-1: no limit); 1 when it was not done in time and is given up. */
HVSH_PUBLIC int hvsh_work_within(hvsh_call *call, void (*fn)(void *arg), void *arg, void (*release)(void *arg), int timeout);
/* Run fn(items[i]) for all i, at most `width` at once, and wait. 0, or -1 when cancelled. */
HVSH_PUBLIC int hvsh_each(hvsh_call *call, void (*fn)(void *item), void **items, size_t count, unsigned int width);

/* Run another command by words, its rows going where this one's go. Never by a line: nothing is quoted or split. Its failure and exit
 * status become this call's. One that owns the terminal (console) gets it, and this call waits. */
HVSH_PUBLIC int hvsh_runv(hvsh_call *call, const char *const words[]);

/* ---- Services: the terminal (commands flagged HVSH_TERMINAL) ------------------------------------------------------------------------ */

/* Raw mode; put back by the shell on every way out. -1: standard input is no terminal. */
HVSH_PUBLIC int hvsh_raw_terminal(hvsh_call *call);
HVSH_PUBLIC void hvsh_restore_terminal(hvsh_call *call);
/* The escape character of consoles (option -e), as the byte a terminal sends: 0x1d is ^]. */
HVSH_PUBLIC unsigned char hvsh_escape(hvsh_call *call);

/*
 * Edit a text as virsh's edit family does: editor, unchanged is told, failure asks for another try.
 *   what   "Domain 'web1' XML configuration" (virsh's sentences are made of it)
 *   get    the current text, malloc'ed; asked again before applying, so that a change by others is noticed
 *   apply  take the new text; validate false after the user chose "i"; 0, or -1 after hvsh_fail*()
 */
struct hvsh_edit {
    const char *what;
    const char *suffix;                /* of the temporary file, ".xml" when NULL */
    bool can_skip_validation;          /* offer "i" */
    bool skip_validation;              /* from the start */
    char *(*get)(hvsh_call *call, void *arg);
    int (*apply)(hvsh_call *call, const char *text, bool validate, void *arg);
    void *arg;
    const char *unchanged;             /* said instead of "WHAT not changed."; "" says nothing */
    const char *changed;               /* said instead of "WHAT edited."; "" says nothing: apply emits its own message */
    const void *reserved[2];           /* NULL */
};
HVSH_PUBLIC int hvsh_edit(hvsh_call *call, const struct hvsh_edit *edit);

/* ---- Services: the other plugins ------------------------------------------------------------------------------------------------------ */

/* The checks of all plugins, NULL-terminated, owned by the call. Since minor 1. */
HVSH_PUBLIC const struct hvsh_check *const *hvsh_checks(hvsh_call *call);

/* ---- For types and completers ---------------------------------------------------------------------------------------------------------- */

/* One candidate with a note shown beside it ("running", "20 GiB"; may be NULL). Both are copied. */
HVSH_PUBLIC void hvsh_offer(hvsh_call *call, const char *word, const char *note);
HVSH_PUBLIC void hvsh_buffer_add(hvsh_buffer *out, const char *text);
HVSH_PUBLIC void hvsh_buffer_printf(hvsh_buffer *out, const char *format, ...) HVSH_FORMAT(2, 3);
HVSH_PUBLIC void hvsh_buffer_vprintf(hvsh_buffer *out, const char *format, va_list list);

/* KiB of bytes, rounded up: libvirt's memory unit. */
static inline unsigned long hvsh_in_kib(uint64_t bytes)
{
    return (unsigned long)(bytes / 1024 + (bytes % 1024 != 0));
}

/* The version of the running shell, "1.0.0". */
HVSH_PUBLIC const char *hvsh_version(void);

#endif
