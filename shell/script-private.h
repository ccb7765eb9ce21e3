/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * script-private.h - what the files of script share; nobody else includes it.
 *
 * One rule stands above all: Lua raises errors by longjmp, and no longjmp may cross a C frame that owns something, the shell's or a plugin's.
 * So each function here that works with memory of its own has three parts: take what Lua gave (may raise, owns nothing), work (never raises: what
 * needs Lua there runs in lua_pcall), hand over and free, and raise as its very last act.
 */
#ifndef SCRIPT_PRIVATE_H
#define SCRIPT_PRIVATE_H

#include "exec.h"
#include "lazy-lua.h"
#include "plugin.h"
#include "script.h"

/* ---- script.c: the state ---- */

struct script {
    lua_State *main;            /* NULL: not needed yet */
    lua_State *now;             /* the state (a coroutine, maybe) that runs, while C calls Lua from inside of a command */
    unsigned int depth;         /* protected calls within each other */
    unsigned int stops;         /* how often Ctrl-C or `quit` has stopped a script: a pcall compares before and after */
    bool stopping;              /* on the way out: <close> runs undisturbed */
    bool pending;               /* Ctrl-C came while it was off */
    unsigned int masked;        /* > 0: Ctrl-C is off (undo) */
    char *trace;                /* of the last error */
};
extern struct script script;

/* The state, made when it is first asked for; NULL: out of memory, which has been told. */
lua_State *script_state(void);
/* Call the function below nargs arguments. LUA_OK, or the error's status with the value on the stack; script.trace says where. */
int script_call(lua_State *L, int nargs, int nresults);
/* Tell the error on top of the stack as a command's failure, and pop it. The exit status it stands for. */
int script_report(lua_State *L, bool with_trace);
/* Leave the script: Ctrl-C, `quit`. Raises what no pcall catches. */
int script_stop(lua_State *L);
/* Raise that again, when a stop came since `stops` was read. */
void script_check_stop(lua_State *L, unsigned int stops);
bool script_is_stop(lua_State *L, int index);
/* Has Ctrl-C or a signal to end come that is not switched off now? */
bool script_interrupted(void);
/* Push a g_malloc'ed text and free it, also when memory is short. */
void script_push_text(lua_State *L, char *text);

/* ---- script-guard.c: pcall, xpcall, coroutine.resume and the like that let a stop through ---- */
void script_open_guard(lua_State *L);

/* ---- script-module.c: environments, require ---- */
void script_open_modules(lua_State *L);
/* Push the environment of a new script. */
void script_push_environment(lua_State *L);
/* The script of this name, pushed: a file, or, where that has no folder and is not here, one from the folders of scripts. Raises. */
const char *script_find(lua_State *L, const char *name);
/* Load a file ("-": standard input) with an environment of its own below it on the stack: pushes environment and function; raises. */
void script_load_file(lua_State *L, const char *path);

/* ---- script-value.c: C values to Lua, Lua values to texts ---- */
/* Push a value, or nil when it is missing. `scratch` is used for texts; may raise. */
void script_push_value(lua_State *L, const struct hvsh_field *field, const void *value, GString *scratch);
void script_push_row(lua_State *L, const struct hvsh_field *const *fields, const void *row, GString *scratch);
/* The arguments of a call: what was neither given nor has a fallback is nil, whatever stands in the struct. */
void script_push_arguments(lua_State *L, hvsh_call *call, const void *args, GString *scratch);
/* Push a field's or command's name as Lua writes it: '_' for '-'. */
void script_push_name(lua_State *L, const char *name);
/* The text or number at index as a C string, which has all of it: raises for a NUL byte, behind which the rest would be lost; `what` names it. NULL: it
 * is neither. */
const char *script_whole_text(lua_State *L, int index, const char *what);
/* The same of an argument, which must be a text. */
const char *script_check_text(lua_State *L, int index, const char *what);
/* Push the word that a Lua value is for match: text, number. Raises for others; `what` names it. */
const char *script_push_word(lua_State *L, int index, const char *what);
/* Make the array on top of the stack one that json.encode knows as an array even when it is empty. */
void script_mark_array(lua_State *L);
/* The argument at index is a table that has only these keys, or nothing: what is misspelt is refused, not passed over. Raises. */
void script_check_keys(lua_State *L, int index, const char *const names[]);
/* The greatest number among the table's keys, so that what stands behind a hole is seen; the others are texts, or it raises. */
lua_Integer script_length(lua_State *L, int index);
/* Raise that `name` is none of `names`: "WHAT 'name'", and which of them may be meant. */
void script_unknown(lua_State *L, const char *what, const char *name, const char *const names[]);
/* Seconds as a number, or a text like "1m30s": milliseconds. */
int script_milliseconds(lua_State *L, int index, const char *what);

/* ---- script-sink.c: rows to tables ---- */
struct lua_sink {
    struct sink sink;
    int ref;                    /* registry: a table with the rows of part i at i, the progress call-back at "progress", its error at "error" */
    GArray *parts;              /* struct part */
    GString *scratch;
    bool progress;              /* there is a call-back */
    bool failed;                /* no memory for a row, or the call-back failed */
    bool bar;
};
/* Never raise. The registry's table is made by script_command.c and belongs to it. */
void lua_sink_init(struct lua_sink *sink, int ref, bool progress);
void lua_sink_clear(struct lua_sink *sink);
/* Push what the command gave; may raise. */
void lua_sink_push(lua_State *L, const struct lua_sink *sink, const struct shape *primary);

/* ---- script-command.c: the binding ---- */
struct operation {
    const struct command *command;
    struct conn *conn;          /* NULL: the current one */
    struct line_word *words;    /* in Lua's memory */
    size_t count;
    struct lua_sink sink;
    char *error;                /* match refused */
    int status;
    struct failure failure;
    bool ran;
};
/* Take a command and its arguments from the stack's range first..last. What must stay alive is put into the table at `anchor`. Raises. */
void operation_take(lua_State *L, struct operation *operation, const char *name, int first, int last, int anchor);
/* Run all at once and wait; script.now is L meanwhile. Never raises. The operations are to be cleared. */
void operations_run(lua_State *L, struct operation *operations, size_t count);
/* Push the result (true), or the error object (false); may raise. */
bool operation_push(lua_State *L, const struct operation *operation);
void operations_clear(struct operation *operations, size_t count);
/* The name of the command that the function at index calls; NULL: it is none of ours. */
const char *script_command_name(lua_State *L, int index);
void script_open_commands(lua_State *L);
/* Push the error object. */
void script_push_failure(lua_State *L, const char *command, const struct failure *failure, int status);
/* Raise an error object with this message; hint may be NULL. */
int script_fail(lua_State *L, const char *command, const char *hint, const char *format, ...) G_GNUC_PRINTF(4, 5);

/* ---- the rest of hv: each adds its functions to the table on top of the stack ---- */
void script_open_undo(lua_State *L);
void script_open_parallel(lua_State *L);
void script_open_connections(lua_State *L);
void script_open_events(lua_State *L);
void script_open_terminal(lua_State *L);
void script_open_define(lua_State *L);
void script_open_xml(lua_State *L);
void script_open_json(lua_State *L);
/* The connection of a userdata or a name at index; raises. */
struct conn *script_connection(lua_State *L, int index);
/* Open a connection now and run fn(call) on its command thread (NULL: just open). Raises what fails. */
void script_with_connection(lua_State *L, struct conn *conn, int (*fn)(hvsh_call *call, const void *args));
/* Print the value at index for a person. */
void script_print_value(lua_State *L, int index);

#endif
