/* SPDX-License-Identifier: GPL-3.0-or-later */
/* replay.c - give a target the inputs that are kept for it: tests/fuzz/corpus/NAME for the program fuzz-NAME, or the files that are named. */
#include <glib.h>
#include <string.h>
#include "fuzz.h"

static int replay(const char *path)
{
    g_autofree char *data = NULL;
    g_autoptr(GError) error = NULL;
    gsize length;

    if (!g_file_get_contents(path, &data, &length, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    /* said before, so that it is known which one ended the program */
    fprintf(stderr, "%s\n", path);
    LLVMFuzzerTestOneInput((const uint8_t *)data, length);
    return 0;
}

int main(int argc, char *argv[])
{
    const char *program = strstr(argv[0], "fuzz-"), *name;
    g_autofree char *folder = g_build_filename(TOP_SRCDIR, "tests/fuzz/corpus", program ? program + strlen("fuzz-") : "", NULL);
    GDir *dir;
    int failed = 0, count = 0;

    for (int i = 1; i < argc; i++)
        failed |= replay(argv[i]);
    if (argc > 1)
        return failed;
    dir = g_dir_open(folder, 0, NULL);
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        failed |= replay(path);
        count++;
    }
    if (dir)
        g_dir_close(dir);
    if (!count)
        fprintf(stderr, "no inputs in %s\n", folder);
    return failed || !count;
}
