/* SPDX-License-Identifier: GPL-3.0-or-later */
/* call-edit.c - hvsh_edit(): a text through the user's editor and back, with virsh's sentences and its question after a failure. */
#include "call.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tty.h"
#include "util.h"

struct edited {
    const char *what;
    bool changed;
    const char *sentence;
};

static const struct hvsh_field what_field = HVSH_TEXT(struct edited, what, "what was edited", .name = "what");
static const struct hvsh_field changed_field = HVSH_FLAG(struct edited, changed, "whether it was changed", .name = "changed");
static const struct hvsh_field sentence_field = HVSH_TEXT(struct edited, sentence, "the text", .name = "sentence", .flags = HVSH_HIDE);
static const struct hvsh_field *const edited_fields[] = {&what_field, &changed_field, &sentence_field, NULL};
static const struct hvsh_shape edited_def = {.name = "edited", .kind = HVSH_MESSAGE, .size = sizeof(struct edited), .text = "{sentence}"};
static const struct shape edited_shape = {.def = &edited_def, .key = &edited_def, .fields = edited_fields};

/* What became of it, in the usual sentence or in the command's own. */
static int tell(hvsh_call *call, const struct hvsh_edit *edit, bool changed)
{
    const char *own = changed ? edit->changed : edit->unchanged;
    struct edited row = {edit->what, changed, own ? own : hvsh_printf(call, "%s %s.", edit->what, changed ? "edited" : "not changed")};

    return *row.sentence ? call_emit(call, &edited_shape, &row) : 0;
}

/* The text in a file that only its owner can read. Its name, or NULL after hvsh_fail(). */
static char *write_temporary(hvsh_call *call, const char *text, const char *suffix)
{
    g_autofree char *path = g_strdup_printf("%s/hvshXXXXXX%s", g_get_tmp_dir(), suffix);
    size_t length = strlen(text), done = 0;
    int fd = mkostemps(path, (int)strlen(suffix), O_CLOEXEC);

    if (fd < 0) {
        hvsh_fail(call, "cannot make a temporary file in %s: %s", g_get_tmp_dir(), g_strerror(errno));
        return NULL;
    }
    while (done < length) {
        ssize_t count = write(fd, text + done, length - done);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0) {
            hvsh_fail(call, "cannot write %s: %s", path, g_strerror(errno));
            close(fd);
            unlink(path);
            return NULL;
        }
        done += (size_t)count;
    }
    if (close(fd) < 0) {
        hvsh_fail(call, "cannot write %s: %s", path, g_strerror(errno));
        unlink(path);
        return NULL;
    }
    return g_steal_pointer(&path);
}

static const char asking[] = "y - yes, start editor again\n"
                             "n - no, throw away my changes\n"
                             "f - force, try to redefine again\n"
                             "? - print this help\n";
static const char asking_relaxed[] = "y - yes, start editor again\n"
                                     "n - no, throw away my changes\n"
                                     "i - turn off validation and try to redefine again\n"
                                     "f - force, try to redefine again\n"
                                     "? - print this help\n";

/* What to do after a failure that has been told: 'y', 'n', 'i' or 'f'; 0: Ctrl-C, now or while the host was waited for. */
static char ask_again(hvsh_call *call, bool can_relax)
{
    if (hvsh_cancelled(call))
        return 0;
    if (!tty_is_interactive())
        return 'n';
    for (;;) {
        char key;

        if (call->failure.message)
            hvsh_note(call, "%s", call->failure.message->str);
        key = tty_choose(can_relax ? "Failed. Try again? [y,n,i,f,?]: " : "Failed. Try again? [y,n,f,?]: ", can_relax ? "ynif?" : "ynf?", false);
        if (!key && errno == EINTR)
            return 0;
        if (key != '?')
            return key ? key : 'n';
        hvsh_note(call, "%s", can_relax ? asking_relaxed : asking);
    }
}

/* Has somebody else changed it while the editor was open? 0: no, or the failure is recorded. */
static int check_unchanged(hvsh_call *call, const struct hvsh_edit *edit, const char *before)
{
    g_autofree char *now = NULL;
    char *text = edit->get(call, edit->arg);

    if (!text)
        return -1;
    now = g_strdup(text);
    free(text);
    if (strcmp(now, before) != 0)
        return hvsh_fail(call, "ERROR: the XML configuration was changed by another user");
    return 0;
}

int hvsh_edit(hvsh_call *call, const struct hvsh_edit *edit)
{
    bool validate = !edit->skip_validation, forced = false;
    g_autofree char *path = NULL, *before = NULL, *after = NULL;
    char *text = edit->get(call, edit->arg);
    int result = -1;
    char key = 'y';

    if (!text)
        return -1;
    before = g_strdup(text);
    free(text);
    path = write_temporary(call, before, edit->suffix ? edit->suffix : ".xml");
    if (!path)
        return -1;
    while (key != 'n') {
        if (key == 'y') {
            int status = tty_edit_file(path);

            if (status < 0 && errno == ENOTTY)
                hvsh_fail(call, "there is no terminal for vi; EDITOR may name an editor that needs none");
            else if (status < 0)
                hvsh_fail(call, "cannot start the editor: %s", g_strerror(errno));
            else if (status > 0)
                hvsh_fail(call, "the editor ended with status %d; nothing was changed", status);
            if (status != 0)
                break;
            g_clear_pointer(&after, g_free);
            if (!g_file_get_contents(path, &after, NULL, NULL)) {
                hvsh_fail(call, "cannot read back %s", path);
                break;
            }
            if (strcmp(before, after) == 0) {
                result = tell(call, edit, false);
                break;
            }
        }
        /* what was written may be an hour's work: a host that hangs or is gone takes nothing of it along */
        if (call->connect && call_host_answers(call) < 0)
            return hvsh_hint(call, "what you wrote is kept in %s", path);
        if ((forced || check_unchanged(call, edit, before) == 0) && edit->apply(call, after, validate, edit->arg) == 0) {
            result = tell(call, edit, true);
            break;
        }
        if (call->connect && virConnectIsAlive(call->connect) == 0)
            return hvsh_hint(call, "the connection is lost; what you wrote is kept in %s", path);
        key = ask_again(call, edit->can_skip_validation && validate);
        if (!key)
            return hvsh_hint(call, "what you wrote is kept in %s", path);
        if (key == 'n') {
            if (!call->failure.message)
                hvsh_fail(call, "%s was not changed", edit->what);
            break;
        }
        forced = forced || key == 'f';
        validate = validate && key != 'i';
        failure_clear(&call->failure);
    }
    unlink(path);
    return result;
}
