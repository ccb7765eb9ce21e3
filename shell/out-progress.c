/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out-progress.c - long work on a terminal: one line on standard error, redrawn in place. */
#include "out-private.h"

#include <string.h>

#define REDRAW_EVERY (100 * 1000)   /* microseconds */

/* One terminal, one bar. */
static struct progress {
    bool shown;
    int64_t started, drawn;
    uint64_t first;               /* done at the start: the rate counts from there */
    char *what;
} bar;

/* "12.3 MiB" where the total is so large that it can only be bytes, else the bare number. */
static void add_amount(GString *out, uint64_t amount, uint64_t total)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = (double)amount;
    size_t unit = 0;

    if (total < 64 * 1024) {
        g_string_append_printf(out, "%" G_GUINT64_FORMAT, amount);
        return;
    }
    for (; value >= 1024 && unit + 1 < G_N_ELEMENTS(units); unit++)
        value /= 1024;
    g_string_append_printf(out, "%.*f %s", unit ? 1 : 0, value, units[unit]);
}

/* "0:12", "1h05m". */
static void add_time(GString *out, double seconds)
{
    unsigned long whole = seconds < 360000 ? (unsigned long)seconds : 359999;

    if (whole >= 3600)
        g_string_append_printf(out, "%luh%02lum", whole / 3600, whole / 60 % 60);
    else
        g_string_append_printf(out, "%lu:%02lu", whole / 60, whole % 60);
}

void progress_line(GString *out, const char *what, uint64_t done, uint64_t total, double seconds, uint64_t moved, size_t columns)
{
    size_t width, length;

    util_add_visible(out, what ? what : "");
    width = util_cut(out, columns > 60 ? columns - 50 : 10);
    if (!total) {
        g_string_append(out, ": ");
        if (done)
            add_amount(out, done, UINT64_MAX);
        else
            add_time(out, seconds);
    } else {
        double part = MIN((double)done / (double)total, 1.0);

        length = columns > width + 60 ? 20 : columns > width + 50 ? 10 : 0;
        g_string_append(out, length ? " [" : " ");
        for (size_t i = 0; i < length; i++)
            g_string_append_c(out, (double)i < part * (double)length ? '#' : '.');
        g_string_append_printf(out, "%s%3d%% ", length ? "] " : "", (int)(part * 100));
        add_amount(out, done, total);
        g_string_append(out, " of ");
        add_amount(out, total, total);
        if (seconds > 1 && moved && done < total) {
            g_string_append_c(out, ' ');
            add_time(out, (double)(total - done) * seconds / (double)moved + 0.5);
            g_string_append(out, " left");
        }
    }
    /* Never into the last column: some terminals wrap there. */
    util_cut(out, columns ? columns - 1 : 0);
}

void out_bar(const char *what, uint64_t done, uint64_t total)
{
    int64_t now = g_get_monotonic_time();
    g_autoptr(GString) line = NULL;
    int columns, lines;

    if (!tty_stderr())
        return;
    if (!bar.shown || g_strcmp0(bar.what, what) != 0) {
        out_bar_clear();
        bar = (struct progress){.shown = true, .started = now, .first = done, .what = g_strdup(what)};
    } else if (now - bar.drawn < REDRAW_EVERY) {
        return;
    }
    bar.drawn = now;
    tty_size(&columns, &lines);
    line = g_string_new(NULL);
    progress_line(line, what, done, total, (double)(now - bar.started) / 1e6, done > bar.first ? done - bar.first : 0, (size_t)columns);
    fflush(stdout);
    fprintf(stderr, "\r%s\033[K", line->str);
    fflush(stderr);
}

void out_bar_clear(void)
{
    if (!bar.shown)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    g_free(bar.what);
    bar = (struct progress){0};
}
