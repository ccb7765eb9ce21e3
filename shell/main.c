/* SPDX-License-Identifier: GPL-3.0-or-later */
/* main.c - options, order of start, exit status. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "conn.h"
#include "exec.h"
#include "out.h"
#include "plugin.h"
#include "repl.h"
#include "script.h"
#include "tty.h"
#include "types.h"
#include "util.h"

enum { OPTION_FORMAT = 256, OPTION_JSON, OPTION_JSONL, OPTION_CSV, OPTION_LUA, OPTION_FAIL_FAST, OPTION_TRACE, OPTION_PLUGIN_DIR, OPTION_SCRIPT_DIR, OPTION_YES, OPTION_NO_AGENT };

static const struct option long_options[] = {
    {"connect", required_argument, NULL, 'c'},
    {"debug", required_argument, NULL, 'd'},
    {"escape", required_argument, NULL, 'e'},
    {"file", required_argument, NULL, 'f'},
    {"help", no_argument, NULL, 'h'},
    {"keepalive-interval", required_argument, NULL, 'k'},
    {"keepalive-count", required_argument, NULL, 'K'},
    {"log", required_argument, NULL, 'l'},
    {"quiet", no_argument, NULL, 'q'},
    {"readonly", no_argument, NULL, 'r'},
    {"timing", no_argument, NULL, 't'},
    {"version", optional_argument, NULL, 'v'},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"json", no_argument, NULL, OPTION_JSON},
    {"jsonl", no_argument, NULL, OPTION_JSONL},
    {"csv", no_argument, NULL, OPTION_CSV},
    {"lua", required_argument, NULL, OPTION_LUA},
    {"fail-fast", no_argument, NULL, OPTION_FAIL_FAST},
    {"trace", no_argument, NULL, OPTION_TRACE},
    {"plugin-dir", required_argument, NULL, OPTION_PLUGIN_DIR},
    {"script-dir", required_argument, NULL, OPTION_SCRIPT_DIR},
    {"yes", no_argument, NULL, OPTION_YES},
    {"no-pkttyagent", no_argument, NULL, OPTION_NO_AGENT},
    {NULL, 0, NULL, 0},
};

static const char usage[] =
    "\n%s [options]... [<command_string>]"
    "\n%s [options]... <command> [args...]"
    "\n%s [options]... FILE.lua [args...]\n\n"
    "  options:\n"
    "    -c | --connect=URI      hypervisor connection URI; `embed` for guests without a daemon\n"
    "    -d | --debug=NUM        debug level [0-4]\n"
    "    -e | --escape <char>    set escape sequence for console\n"
    "    -f | --file FILE        run the commands of a file\n"
    "    -h | --help             this help\n"
    "    -k | --keepalive-interval=NUM\n"
    "                            keepalive interval in seconds, 0 for disable\n"
    "    -K | --keepalive-count=NUM\n"
    "                            number of possible missed keepalive messages\n"
    "    -l | --log=FILE         output logging to file\n"
    "    -q | --quiet            quiet mode\n"
    "    -r | --readonly         connect readonly\n"
    "    -t | --timing           print timing information\n"
    "    -v                      short version\n"
    "    -V                      long version\n"
    "         --version[=TYPE]   version, TYPE is short or long (default short)\n"
    "         --format=FORMAT    text, json, jsonl or csv for every result\n"
    "         --json, --jsonl, --csv\n"
    "                            the same as --format=json, =jsonl, =csv\n"
    "         --lua FILE         run a Lua script (- for standard input)\n"
    "         --fail-fast        end a batch at the first command that fails\n"
    "         --trace            show each call to libvirt and the XML sent\n"
    "         --yes              answer yes to every question\n"
    "         --plugin-dir DIR   look for plugins there first\n"
    "         --script-dir DIR   look for Lua modules there first\n"
    "  commands: `%s help` lists them, `%s help COMMAND` explains one\n\n";

/* What the options ask for, besides the settings of other layers. */
struct wishes {
    const char *uri, *file, *lua, *log;
    bool uri_given;
    int debug;
    bool debug_given;
};

G_GNUC_PRINTF(1, 2) G_GNUC_NORETURN
static void refuse(const char *format, ...)
{
    va_list list;
    char *text;

    va_start(list, format);
    text = g_strdup_vprintf(format, list);
    va_end(list);
    out_error(text);
    g_free(text);
    exit(EXIT_FAILURE);
}

static void show_version(bool all)
{
    unsigned long version = 0;

    if (!all) {
        puts(PACKAGE_VERSION);
        return;
    }
    virGetVersion(&version, NULL, NULL);
    printf("hvsh command line tool of libvirt-based hosts %s\n\n", PACKAGE_VERSION);
    printf("Using library: libvirt %lu.%lu.%lu\nCompiled with: libvirt %d.%d.%d, plugin interface %d.%d\n", version / 1000000, version / 1000 % 1000,
           version % 1000, LIBVIR_VERSION_NUMBER / 1000000, LIBVIR_VERSION_NUMBER / 1000 % 1000, LIBVIR_VERSION_NUMBER % 1000, HVSH_ABI,
           HVSH_ABI_MINOR);
}

static void show_usage(const char *program)
{
    printf(usage, program, program, program, program, program);
}

/* virsh's two sentences: what is no number, and what is a negative one. */
static int number_option(const char *option, const char *text)
{
    int64_t number;

    if (parse_int64(text, &number) < 0 || number > INT32_MAX)
        refuse("Invalid value for option %s", option);
    if (number < 0)
        refuse("option %s requires a positive integer argument", option);
    return (int)number;
}

static enum out_format format_option(const char *text)
{
    static const char *const names[] = {"text", "json", "jsonl", "csv"};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i], text) == 0)
            return (enum out_format)i;
    refuse("option --format requires text, json, jsonl or csv, not '%s'", text);
}

/* getopt's complaints in virsh's words. */
static void bad_option(int which, char *const argv[])
{
    const char *name = optopt > 0 && optopt < 256 ? "" : argv[optind - 1];

    if (which == ':') {
        for (const struct option *option = long_options; option->name; option++)
            if (option->val == optopt && optopt < 256)
                refuse("option '-%c'/'--%s' requires an argument", optopt, option->name);
            else if (option->val == optopt)
                refuse("option '--%s' requires an argument", option->name);
        refuse("option '-%c' requires an argument", optopt);
    }
    if (optopt > 0 && optopt < 256)
        refuse("unsupported option '-%c'. See --help.", optopt);
    refuse("unsupported option '%s'. See --help.", name);
}

static void read_options(int argc, char *argv[], struct wishes *wishes)
{
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+:c:d:e:f:hk:K:l:qrtvV", long_options, NULL)) != -1) {
        switch (option) {
        case 'c':
            wishes->uri = optarg;
            wishes->uri_given = true;
            break;
        case 'd': {
            int64_t level;

            if (parse_int64(optarg, &level) < 0)
                refuse("option %s takes a numeric argument", "-d");
            if (level < 0 || level > 4) {
                g_autofree char *text = g_strdup_printf("ignoring debug level %lld out of range [0-4]", (long long)level);

                out_error(text);
            } else {
                wishes->debug = (int)level;
                wishes->debug_given = true;
            }
            break;
        }
        case 'e':
            if (strlen(optarg) != (optarg[0] == '^' ? 2 : 1) ||
                (optarg[0] == '^' && (g_ascii_toupper(optarg[1]) < '@' || g_ascii_toupper(optarg[1]) > '_')))
                refuse("Invalid string '%s' for escape sequence", optarg);
            exec_settings.escape = optarg;
            break;
        case 'f':
            if (wishes->file)
                refuse("option -f can be given once only");
            wishes->file = optarg;
            break;
        case 'h':
            show_usage(g_get_prgname());
            exit(EXIT_SUCCESS);
        case 'k':
            conn_settings.keepalive_interval = number_option("-k", optarg);
            conn_settings.keepalive_given = true;
            break;
        case 'K':
            conn_settings.keepalive_count = number_option("-K", optarg);
            conn_settings.keepalive_count_given = true;
            break;
        case 'l':
            wishes->log = optarg;
            break;
        case 'q':
            exec_settings.quiet = true;
            break;
        case 'r':
            exec_settings.readonly = true;
            break;
        case 't':
            exec_settings.timing = true;
            break;
        case 'v':
            if (optarg && strcmp(optarg, "short") != 0 && strcmp(optarg, "long") != 0)
                refuse("unknown version type '%s': short or long", optarg);
            show_version(optarg && strcmp(optarg, "long") == 0);
            exit(EXIT_SUCCESS);
        case 'V':
            show_version(true);
            exit(EXIT_SUCCESS);
        case OPTION_FORMAT:
            exec_settings.format = format_option(optarg);
            break;
        case OPTION_JSON:
            exec_settings.format = OUT_JSON;
            break;
        case OPTION_JSONL:
            exec_settings.format = OUT_JSONL;
            break;
        case OPTION_CSV:
            exec_settings.format = OUT_CSV;
            break;
        case OPTION_LUA:
            wishes->lua = optarg;
            break;
        case OPTION_FAIL_FAST:
            exec_settings.fail_fast = true;
            break;
        case OPTION_TRACE:
            util_trace_on = true;
            break;
        case OPTION_PLUGIN_DIR:
            plugin_add_folder(optarg);
            break;
        case OPTION_SCRIPT_DIR:
            script_add_folder(optarg);
            break;
        case OPTION_YES:
            exec_settings.yes = true;
            break;
        case OPTION_NO_AGENT:
            /* newer virsh's: do not start a polkit agent, which hvsh never does */
            break;
        default:
            bad_option(option, argv);
        }
        /* options behind --lua FILE are the script's */
        if (wishes->lua)
            break;
    }
    if (wishes->file && wishes->lua)
        refuse("-f and --lua: one of them");
    if (wishes->file && argv[optind])
        refuse("unexpected data '%s' behind -f %s", argv[optind], wishes->file);
}

/* An interactive start where no daemon is installed opens the embedded driver, with one line that says so. */
static void choose_embedded(void)
{
    if (g_getenv("VIRSH_DEFAULT_CONNECT_URI") || g_getenv("LIBVIRT_DEFAULT_URI") || conn_daemon_installed())
        return;
    if (!conn_qemu_installed()) {
        out_note("There is neither a libvirt daemon nor QEMU here: install them (Debian: libvirt-daemon-system qemu-system-x86; Fedora, RHEL: "
                 "libvirt qemu-kvm), or look around with: connect test:///default");
        return;
    }
    conn_use(conn_add("embed", "embed", exec_settings.readonly));
    out_note("No libvirt daemon is installed: guests run on the embedded driver (connection `embed`).");
}

static void open_log(const struct wishes *wishes)
{
    const char *debug = g_getenv("VIRSH_DEBUG"), *log = wishes->log ? wishes->log : g_getenv("VIRSH_LOG_FILE");
    int64_t level = LOG_ERRORS;

    if (debug && (parse_int64(debug, &level) < 0 || level < 0 || level > LOG_ERRORS)) {
        out_error("VIRSH_DEBUG not set with a valid numeric value");
        level = LOG_ERRORS;
    }
    if (wishes->debug_given)
        level = wishes->debug;
    exec_settings.debug = (int)level;
    if (util_log_open(log, (int)level) < 0)
        refuse("failed to open the log file. check the log file path");
}

static bool is_lua_file(const char *word)
{
    /* one that is not there too, unless it is a line of commands: the complaint shall be about the file */
    return word && g_str_has_suffix(word, ".lua") && (!strpbrk(word, " \t\n;") || g_file_test(word, G_FILE_TEST_EXISTS));
}

/* A broken plugin is no reason not to start; what is not in use is told once. */
static void warn_of_plugins(void)
{
    if (!plugin_loaded_all())       /* nothing was wrong when they were last looked at */
        return;
    for (const struct plugin *const *plugins = plugin_all(); *plugins; plugins++) {
        g_autofree char *warning = NULL;

        if (!(*plugins)->problem)
            continue;
        warning = g_strdup_printf("warning: plugin '%s': %s", (*plugins)->name, (*plugins)->problem);
        out_note(warning);
    }
}

static int run_words(char *words[])
{
    if (!words[1]) {
        if (!*words[0])
            return 1;               /* virsh: an empty string fails without a word */
        return exec_line(words[0]);
    }
    return exec_argv((const char *const *)words);
}

static int run_file(const char *path)
{
    int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC), status;

    if (fd < 0) {
        exec_refuse(NULL, exec_settings.format, "cannot read %s: %s", path, g_strerror(errno));
        return 1;
    }
    status = exec_stream(fd, path, LINE_PROMPT);
    if (fd != STDIN_FILENO)
        close(fd);
    return status;
}

static void say_goodbye(void)
{
    unsigned int guests = conn_embedded_guests();

    if (guests && tty_stderr()) {
        g_autofree char *name = conn_embedded_name();
        g_autofree char *text = g_strdup_printf("%u guest%s of the embedded driver stay%s running; hvsh -c %s finds %s again.", guests,
                                                guests == 1 ? "" : "s", guests == 1 ? "s" : "", name, guests == 1 ? "it" : "them");

        out_note(text);
    }
}

/* A closed standard stream must not become the first file that is opened: writing to it fails, reading finds the end. */
static void keep_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            open("/dev/null", fd == STDIN_FILENO ? O_RDWR : O_RDONLY);
}

/* All of it but the leaving; the exit status. */
static int run(int argc, char *argv[])
{
    struct wishes wishes = {.debug = LOG_ERRORS};
    g_autofree char *program = g_path_get_basename(argv[0]);
    bool interactive, arguments;
    int status, opened = 0;

    keep_standard_streams();
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C");
    g_set_prgname(strcmp(program, "virsh") == 0 ? "virsh" : "hvsh");
    tty_plain = strcmp(program, "virsh") == 0 || g_strcmp0(g_getenv("HVSH_PLAIN"), "1") == 0;
    read_options(argc, argv, &wishes);
    open_log(&wishes);
    signals_start();
    if (util_trace_on && trace_start() < 0)
        refuse("cannot trace the calls to libvirt: %s", g_strerror(errno));

    exec_settings.human = tty_stdout() && !tty_plain;
    exec_settings.pager = exec_settings.human;
    interactive = !argv[optind] && !wishes.lua && !wishes.file && isatty(STDIN_FILENO);
    exec_settings.interactive = !argv[optind] && !wishes.lua && !wishes.file;
    exec_settings.prompt_syntax = interactive;
    exec_lua = script_run_line;
    plugin_load_all();
    if (!exec_settings.quiet && !(argv[optind] && strcmp(argv[optind], "complete") == 0))
        warn_of_plugins();
    conn_use(conn_add("default", wishes.uri, exec_settings.readonly));
    if (interactive && !wishes.uri_given)
        choose_embedded();
    /* -c opens at once, arguments once they are understood: what cannot be opened ends the program, as in virsh */
    arguments = argv[optind] && !wishes.lua && !wishes.file && !is_lua_file(argv[optind]);
    exec_settings.connect_first = wishes.uri_given && arguments && strcmp(argv[optind], "complete") != 0;
    if (wishes.uri_given && !arguments)
        opened = exec_connect();
    if (opened != 0) {
        status = opened;
    } else if (wishes.lua) {
        status = script_run_file(wishes.lua, argv + optind);
    } else if (is_lua_file(argv[optind])) {
        status = script_run_file(argv[optind], argv + optind + 1);
    } else if (wishes.file) {
        status = run_file(wishes.file);
    } else if (argv[optind]) {
        status = run_words(argv + optind);
    } else if (interactive) {
        script_run_init();
        status = repl_run();
    } else {
        status = exec_stream(STDIN_FILENO, "standard input", LINE_VIRSH);
        if (!exec_settings.fail_fast)
            status = exec_quit ? exec_quit_status : 0;   /* virsh: a session always ends well */
    }
    say_goodbye();
    script_close();
    conn_close_all();
    loop_stop();
    trace_stop();
    util_log_close();
    if (fflush(stdout) != 0 && errno != EPIPE && status == 0)
        status = EXIT_FAILURE;
    return status;
}

int main(int argc, char *argv[])
{
    int status = run(argc, argv);

#ifdef SANITIZED
    if (!conn_threads_left() && !run_given_up)
        return status;          /* leaks are looked for behind it */
#endif
    /* Not by the destructors of sixty libraries: they take as long as many a command, and would pull the ground from under threads that were given up. */
    tty_restore();
    fflush(NULL);
    _exit(status);
}
