/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check.h - the checks of a host: a table of them, what they read, what they find, and how what they find is put right.
 *
 * A check reads files below the host's root and buses; it starts no program and changes nothing. What it cannot find out it says (unsure()),
 * it never guesses. A fix is a list of steps, shown before they are done: what was shown is what is done.
 */
#ifndef CHECK_H
#define CHECK_H

#include <gio/gio.h>
#include <libxml/tree.h>
#include "access.h"
#include "hvsh.h"

enum severity { PASS = HVSH_PASS, NOTE = HVSH_NOTE, WARN = HVSH_WARN, FAIL = HVSH_FAIL };

/* What the host is to be good for. */
enum {
    PROFILE_KVM         = HVSH_FOR_KVM,
    PROFILE_LXC         = HVSH_FOR_LXC,
    PROFILE_MIGRATION   = HVSH_FOR_MIGRATION,
    PROFILE_PASSTHROUGH = HVSH_FOR_PASSTHROUGH,
    PROFILE_DESKTOP     = HVSH_FOR_DESKTOP,
    PROFILE_ALL         = (1 << 5) - 1,
    /* what every host of virtual machines needs */
    PROFILE_MACHINES    = PROFILE_KVM | PROFILE_MIGRATION | PROFILE_PASSTHROUGH | PROFILE_DESKTOP,
};

/* What one check found. */
struct result {
    enum severity severity;
    char *evidence;                /* what was seen, one line */
    char *cure;                    /* what to do about it; NULL: the check's own text */
    bool unsure;                   /* it could not tell */
};
void result_clear(struct result *result);
/* Set what was found, with the evidence. */
void found(struct result *result, enum severity severity, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* It could not be found out, and why: a note. */
void unsure(struct result *result, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* A cure for this finding, in place of the check's own. */
void cure(struct result *result, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The processor, as /proc/cpuinfo tells. */
struct cpu {
    char *vendor, *model;
    GHashTable *flags;             /* set of the first processor's flags */
    unsigned int count;            /* logical processors */
    bool readable;
};

/* What trying KVM gave. */
struct kvm {
    bool tried, works;
    int error;                     /* errno of the step that failed; 0: it did something else than it should */
    const char *step;              /* the step that failed */
    const char *module;            /* whose /dev/kvm it is: "kvm_intel", "kvm_pvm", ...; NULL: not known */
};

/* The distribution, as far as it matters: who installs packages. */
enum family { FAMILY_UNKNOWN = 0, FAMILY_DEBIAN, FAMILY_FEDORA, FAMILY_SUSE, FAMILY_ARCH };

/* What the package manager's database says. */
struct packages {
    bool known;                    /* it could be read */
    const char *manager;           /* "dpkg", "rpm" */
    GHashTable *states;            /* name -> "installed", or dpkg's word for anything else */
    char *problem;                 /* why it could not */
};

/* The host that is checked; what several checks ask for is read once. */
struct host {
    char *root;                    /* "" is this machine, "/some/folder" a recorded one */
    unsigned int profile;
    struct cpu *cpu;
    struct kvm kvm;
    struct packages *packages;
    GDBusConnection *bus;
    GPtrArray *units;              /* systemd's, in the order of services.c */
    char *bus_reason;              /* why there is none */
    GHashTable *files;             /* path -> text of what was read; see read.c */
    struct pair *pair;             /* this host and another, of pair.c; NULL: no other was named */
    hvsh_call *call;               /* for other plugins' checks; NULL in tests */
};
struct host *host_open(const char *root, unsigned int profile);
void host_close(struct host *host);
/* Is it this machine, not a recorded one? */
bool host_is_here(const struct host *host);
/* Forget what was read, before checks run again. */
void host_forget(struct host *host);

/* What was read of a file, kept for the next check that asks. */
void file_free(void *file);

/* Readers. Paths have no leading slash and are printf formats. errno is set when they fail. */
char *host_path(const struct host *host, const char *format, ...) G_GNUC_PRINTF(2, 3);
bool host_exists(const struct host *host, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The whole file without blanks at its end; NULL. Read once, until host_forget(). */
char *host_read(const struct host *host, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* A file with one number; false. */
bool host_number(const struct host *host, uint64_t *number, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* The names in a folder, sorted; NULL. */
char **host_list(const struct host *host, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The last part of where a link points to; NULL. */
char *host_link(const struct host *host, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The value behind "key" in "key=value" lines (quotes taken off); NULL. */
char *value_of(const char *text, const char *key);
/* Is the word there, among words separated by blanks (or by the characters of `separators`)? */
bool has_word(const char *text, const char *word, const char *separators);

/* "7.5 GiB", to be freed. */
char *size_text(uint64_t bytes);

/* The system's bus of the host, opened once; NULL: there is none, *reason says why. */
GDBusConnection *host_bus(struct host *host, char **reason);

const struct cpu *host_cpu(struct host *host);
bool cpu_has(const struct cpu *cpu, const char *flag);
/* "vmx", "svm" or NULL: what the processor's flags say. */
const char *cpu_virtualization(struct host *host);
const struct kvm *host_kvm(struct host *host);
/* What installs packages here; the distribution's own name in *name (may be NULL), to be freed, NULL when no file tells. */
enum family host_family(const struct host *host, char **name);
/* Read once; never NULL. */
const struct packages *host_packages(struct host *host);
void packages_free(struct packages *packages);
/* The state of the first of "a|b" that is installed, or else known; NULL. Its name in *which (set to NULL before; to be freed). */
const char *package_state(const struct packages *packages, const char *names, char **which);
/* "apt-get install -y X" and the like; NULL for an unknown family. */
char *install_command(const struct host *host, const char *package);

/* The text as a document, which is called `name`; NULL: it is none. */
xmlDoc *xml_of(const char *text, const char *name);
/* A document of libvirt's; NULL, errno 0 when it is none. To be freed by xmlFreeDoc(). */
xmlDoc *host_xml(const struct host *host, const char *path);
/* The texts of all nodes of the XPath, and of the first one (NULL: none), to be freed. */
GPtrArray *node_texts(xmlDoc *document, const char *xpath);
char *node_text(xmlDoc *document, const char *xpath);
/* The first node itself, as XML. */
char *node_xml(xmlDoc *document, const char *xpath);

/* What is written down about a guest. */
struct guest {
    char *name;
    uint64_t memory;               /* bytes, at most */
    GPtrArray *disks;              /* files */
};
/* All guests that are defined: struct guest; NULL: it cannot be told, *reason says why. */
GPtrArray *host_guests(const struct host *host, char **reason);

/* Who QEMU runs as under the system's libvirt; false: it cannot be told, *reason says why. person_clear() in any case. */
bool person_of_qemu(const struct host *host, struct person *person, char **reason);

/* Connect to the other host as well, for the checks of the area "pair". 0, or -1 after hvsh_fail(). */
int pair_open(hvsh_call *call, struct host *host, const char *uri);

/* Steps of a fix. */
enum step_kind { STEP_RUN, STEP_WRITE, STEP_UNIT, STEP_COMMAND, STEP_LIBVIRT };
struct step {
    enum step_kind kind;
    char **words;                  /* RUN: a program; UNIT: verb and unit; COMMAND: of the shell; LIBVIRT: of the shell, on this machine's libvirt */
    char **back;                   /* RUN, LIBVIRT: the same for the way back, when a later step fails; NULL: it stays */
    char *path, *text;             /* WRITE: the file's new content */
};
void step_free(void *step);
void step_words(GPtrArray *steps, enum step_kind kind, const char *const *words);
void step_run(GPtrArray *steps, const char *program, ...) G_GNUC_NULL_TERMINATED;
/* The way back of the step that was added last. */
void step_back(GPtrArray *steps, const char *word, ...) G_GNUC_NULL_TERMINATED;
void step_write(GPtrArray *steps, const char *path, const char *text);
/* verb: "enable", "disable", "start", "stop", "restart" */
void step_unit(GPtrArray *steps, const char *verb, const char *unit);
/* a command of the shell on libvirt, which must be this machine's */
void step_command(GPtrArray *steps, const char *command, ...) G_GNUC_NULL_TERMINATED;
/* What the step does, as a person reads it. */
char *step_text(const struct step *step);
/* How the steps of a fix are taken back, which happens by itself when the call is cancelled or fails before ways_back(), or before they are
 * forgotten (g_ptr_array_set_size(ways, 0)). The call's. */
GPtrArray *ways_new(hvsh_call *call);
int ways_back(hvsh_call *call, GPtrArray *ways);
/* Do it on this machine. 0, or -1 after hvsh_fail(). */
int step_do(hvsh_call *call, const struct step *step, GPtrArray *ways);

struct check {
    const char *id;                /* stable: scripts name it */
    const char *area;
    unsigned int profiles;         /* where it is asked */
    unsigned int needs;            /* where only these are asked for, a warning is a failure */
    const char *what;              /* what is looked at, a few words */
    const char *why;               /* why it matters, one sentence */
    void (*run)(struct host *host, const struct check *check, struct result *result);
    const char *cure;              /* what to do; NULL: only a run can tell */
    /* Add the steps that put it right; NULL: nothing a command should do. May add none. */
    void (*fix)(struct host *host, const struct check *check, GPtrArray *steps);
    const void *arg;               /* for run and fix */
};

/* The tables, one a theme; each ends with a NULL id. */
extern const struct check cpu_checks[], kvm_checks[], device_checks[], cgroup_checks[], iommu_checks[], secure_checks[], package_checks[],
    service_checks[], user_checks[], network_checks[], storage_checks[], memory_checks[], lxc_checks[], system_checks[], pair_checks[];

/* The host's own, a NULL-terminated list of tables. */
extern const struct check *const all_checks[];

/* All of them in their order: const struct check; those of other plugins after the host's own. `call` may be NULL: the own ones alone. */
GPtrArray *check_list(hvsh_call *call);
/* NULL: there is none of that id. */
const struct check *check_find(const GPtrArray *checks, const char *id);
/* Run one check: its result by the host's profile. */
void check_run(struct host *host, const struct check *check, struct result *result);

extern const struct hvsh_command host_check_command, host_info_command;

#endif
