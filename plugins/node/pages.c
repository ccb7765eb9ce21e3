/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pages.c - memory by NUMA cell and page size: freecell, freepages, allocpages */
#include <stdlib.h>
#include "node.h"

/* The numbers of the host's NUMA cells, NULL after hvsh_fail(). */
static GArray *read_cells(hvsh_call *call, struct xml *xml)
{
    struct xml_nodes cells = xml_find(xml, NULL, "/capabilities/host/topology/cells/cell");
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(unsigned int));

    for (size_t i = 0; i < cells.count; i++) {
        unsigned int id;
        if (node_number(xml, cells.items[i], "@id", &id))
            g_array_append_val(ids, id);
    }
    if (!ids->len) {
        g_array_unref(ids);
        hvsh_fail(call, "could not get information about NUMA topology");
        return NULL;
    }
    return ids;
}

/* ---- freecell ---- */

struct freecell_args { int cellno; bool all; };

static const struct hvsh_field freecell_args[] = {
    HVSH_INT(struct freecell_args, cellno, "NUMA cell", .min = INT32_MIN, .offer = offer_cells),
    HVSH_FLAG(struct freecell_args, all, "every NUMA cell"),
    HVSH_EXCLUDES("all", "cellno"),
    HVSH_END
};

struct freecell_row { int cell; uint64_t free, kib; };

static const struct hvsh_field freecell_row[] = {
    HVSH_INT(struct freecell_row, cell, "NUMA cell; missing: all of them together"),
    HVSH_SIZE(struct freecell_row, free, "free memory"),
    HVSH_UINT64(struct freecell_row, kib, "free memory in KiB", .flags = HVSH_HIDE),
    HVSH_END
};

#define FREECELL(id, template) \
    static const struct hvsh_shape id = { .name = "free", .kind = HVSH_LINES, HVSH_ROW(freecell_row), .text = (template) }
FREECELL(cell_shape, "{cell:5}: {kib:10} KiB");
FREECELL(cells_total_shape, "--------------------\nTotal: {kib:10} KiB");
FREECELL(one_cell_shape, "{cell}: {kib} KiB");
FREECELL(total_shape, "Total: {kib} KiB");

static int emit_free(hvsh_call *call, const struct hvsh_shape *shape, int cell, uint64_t bytes)
{
    return hvsh_emit(call, shape, &(struct freecell_row){ cell, bytes, bytes / 1024 });
}

static int freecell_run(hvsh_call *call, const void *p)
{
    const struct freecell_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    g_autoptr(GArray) cells = NULL;
    unsigned long long bytes, total = 0;
    g_autofree unsigned long long *each = NULL;
    struct xml *xml;

    if (!connection)
        return -1;
    if (hvsh_given(call, "cellno")) {
        if (virNodeGetCellsFreeMemory(connection, &bytes, args->cellno, 1) != 1)
            return hvsh_fail_libvirt(call);
        return emit_free(call, &one_cell_shape, args->cellno, bytes);
    }
    if (!args->all) {
        if (!(bytes = virNodeGetFreeMemory(connection)))
            return hvsh_fail_libvirt(call);
        return emit_free(call, &total_shape, INT32_MIN, bytes);
    }
    if (!(xml = node_capabilities(call, connection)) || !(cells = read_cells(call, xml)))
        return -1;
    each = g_new0(unsigned long long, cells->len);
    for (unsigned int i = 0; i < cells->len; i++)
        if (virNodeGetCellsFreeMemory(connection, &each[i], (int)g_array_index(cells, unsigned int, i), 1) != 1)
            return hvsh_fail_virt(call, "failed to get free memory for NUMA node number: %u", g_array_index(cells, unsigned int, i));
    for (unsigned int i = 0; i < cells->len; i++) {
        if (emit_free(call, &cell_shape, (int)g_array_index(cells, unsigned int, i), each[i]) < 0)
            return -1;
        total += each[i] / 1024 * 1024;
    }
    return emit_free(call, &cells_total_shape, INT32_MIN, total);
}

const struct hvsh_command freecell_command = {
    .name = "freecell", .group = "host", .help = "free memory of the host or of its NUMA cells",
    HVSH_ARGS(freecell_args),
    .shapes = HVSH_SHAPES(&cell_shape, &cells_total_shape, &one_cell_shape, &total_shape),
    .examples = HVSH_EXAMPLES({ "freecell", "of the whole host" }, { "freecell --all", "of every NUMA cell" }),
    .run = freecell_run,
};

/* ---- freepages ---- */

struct freepages_args { int cellno; uint64_t pagesize; bool all; };

static const struct hvsh_field freepages_args[] = {
    HVSH_INT(struct freepages_args, cellno, "NUMA cell", .min = INT32_MIN, .offer = offer_cells),
    HVSH_SIZE(struct freepages_args, pagesize, "page size (in kibibytes)", .unit = "KiB", .offer = offer_page_sizes),
    HVSH_FLAG(struct freepages_args, all, "every NUMA cell"),
    HVSH_EXCLUDES("all", "cellno"),
    HVSH_END
};

struct freepages_row { int cell; uint64_t page_size, kib, free; const char *before, *after; };

static const struct hvsh_field freepages_row[] = {
    HVSH_INT(struct freepages_row, cell, "NUMA cell"),
    HVSH_SIZE(struct freepages_row, page_size, "size of a page"),
    HVSH_UINT64(struct freepages_row, free, "free pages of that size"),
    HVSH_UINT64(struct freepages_row, kib, "size of a page in KiB", .flags = HVSH_HIDE),
    HVSH_TEXT(struct freepages_row, before, "heading of the cell", .flags = HVSH_HIDE, .missing = ""),
    HVSH_TEXT(struct freepages_row, after, "end of the cell", .flags = HVSH_HIDE, .missing = ""),
    HVSH_END
};

static const struct hvsh_shape freepages_shape = {
    .name = "pages", .kind = HVSH_LINES, HVSH_ROW(freepages_row), .text = "{before}{kib}KiB: {free}{after}",
};

static int by_size(const void *a, const void *b)
{
    unsigned int x = *(const unsigned int *)a, y = *(const unsigned int *)b;

    return (x > y) - (x < y);
}

/* The page sizes the host knows, in KiB, rising; NULL after hvsh_fail(). */
static GArray *read_page_sizes(hvsh_call *call, struct xml *xml)
{
    struct xml_nodes pages = xml_find(xml, NULL, "/capabilities/host/cpu/pages/@size | /capabilities/host/topology/cells/cell/pages/@size");
    GArray *sizes = g_array_new(FALSE, FALSE, sizeof(unsigned int));

    for (size_t i = 0; i < pages.count; i++) {
        unsigned int size;
        if (node_number(xml, pages.items[i], ".", &size))
            g_array_append_val(sizes, size);
    }
    g_array_sort(sizes, by_size);
    for (unsigned int i = 1; i < sizes->len;)
        if (g_array_index(sizes, unsigned int, i) == g_array_index(sizes, unsigned int, i - 1))
            g_array_remove_index(sizes, i);
        else
            i++;
    if (!sizes->len) {
        g_array_unref(sizes);
        hvsh_fail(call, "could not get information about supported page sizes");
        return NULL;
    }
    return sizes;
}

static int one_cell(hvsh_call *call, virConnectPtr connection, int cell, GArray *sizes, bool headed)
{
    g_autofree unsigned long long *counts = g_new0(unsigned long long, sizes->len);

    if (virNodeGetFreePages(connection, sizes->len, (unsigned int *)(void *)sizes->data, cell, 1, counts, 0) < 0)
        return hvsh_fail_libvirt(call);
    for (unsigned int i = 0; i < sizes->len; i++) {
        unsigned int kib = g_array_index(sizes, unsigned int, i);
        struct freepages_row row = {
            .cell = cell, .page_size = (uint64_t)kib * 1024, .kib = kib, .free = counts[i],
            .before = headed && !i ? hvsh_printf(call, "Node %d:\n", cell) : NULL,
            .after = headed && i + 1 == sizes->len ? "\n" : NULL,
        };
        if (hvsh_emit(call, &freepages_shape, &row) < 0)
            return -1;
    }
    return 0;
}

static int freepages_run(hvsh_call *call, const void *p)
{
    const struct freepages_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    g_autoptr(GArray) sizes = NULL, cells = NULL;
    bool sized = hvsh_given(call, "pagesize");
    unsigned int kib = (unsigned int)(args->pagesize / 1024);
    struct xml *xml;

    if (!connection)
        return -1;
    if (!args->all && !hvsh_given(call, "cellno"))
        return hvsh_fail(call, "missing cellno argument");
    if (!args->all && !sized)
        return hvsh_fail(call, "missing pagesize argument");
    if (args->pagesize / 1024 > UINT32_MAX)
        return hvsh_fail(call, "page size is too large: %s", hvsh_text(call, "pagesize"));
    if (sized) {
        sizes = g_array_new(FALSE, FALSE, sizeof(unsigned int));
        g_array_append_val(sizes, kib);
    }
    if (!args->all)
        return one_cell(call, connection, args->cellno, sizes, false);
    if (!(xml = node_capabilities(call, connection)) || (!sized && !(sizes = read_page_sizes(call, xml))) ||
        !(cells = read_cells(call, xml)))
        return -1;
    for (unsigned int i = 0; i < cells->len; i++)
        if (one_cell(call, connection, (int)g_array_index(cells, unsigned int, i), sizes, true) < 0)
            return -1;
    return 0;
}

const struct hvsh_command freepages_command = {
    .name = "freepages", .group = "host", .help = "free pages of each size, by NUMA cell",
    HVSH_ARGS(freepages_args),
    .shapes = HVSH_SHAPES(&freepages_shape),
    .examples = HVSH_EXAMPLES({ "freepages --all", "every cell, every size" }, { "freepages 0 2MiB", "huge pages of one cell" }),
    .run = freepages_run,
};

/* ---- allocpages ---- */

struct allocpages_args { uint64_t pagesize, pagecount; int cellno; bool add, all; };

static const struct hvsh_field allocpages_args[] = {
    HVSH_SIZE(struct allocpages_args, pagesize, "page size (in kibibytes)", .flags = HVSH_REQUIRED, .unit = "KiB", .offer = offer_page_sizes),
    HVSH_UINT64(struct allocpages_args, pagecount, "how many pages", .flags = HVSH_REQUIRED),
    HVSH_INT(struct allocpages_args, cellno, "NUMA cell", .min = INT32_MIN, .fallback = "-1", .offer = offer_cells),
    HVSH_FLAG(struct allocpages_args, add, "so many more, in place of so many"),
    HVSH_FLAG(struct allocpages_args, all, "on every NUMA cell"),
    HVSH_EXCLUDES("all", "cellno"),
    HVSH_END
};

static int allocpages_run(hvsh_call *call, const void *p)
{
    const struct allocpages_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    g_autoptr(GArray) cells = NULL;
    unsigned int kib = (unsigned int)(args->pagesize / 1024), count = 1;
    unsigned long long pages = args->pagecount;
    int start = args->cellno;
    struct xml *xml;

    if (!connection)
        return -1;
    if (args->pagesize / 1024 > UINT32_MAX)
        return hvsh_fail(call, "page size is too large: %s", hvsh_text(call, "pagesize"));
    if (args->all) {
        if (!(xml = node_capabilities(call, connection)) || !(cells = read_cells(call, xml)))
            return -1;
        start = 0;
        count = cells->len;
    }
    if (virNodeAllocPages(connection, 1, &kib, &pages, start, count, args->add ? VIR_NODE_ALLOC_PAGES_ADD : VIR_NODE_ALLOC_PAGES_SET) < 0)
        return hvsh_fail_libvirt(call);
    return 0;
}

const struct hvsh_command allocpages_command = {
    .name = "allocpages", .group = "host", .help = "set huge pages aside, or give them back",
    HVSH_ARGS(allocpages_args),
    .examples = HVSH_EXAMPLES({ "allocpages 2MiB 512", "1 GiB in huge pages", HVSH_MATCH_ONLY },
                              { "allocpages 2MiB 64 --cellno 0 --add", "more of them on one cell", HVSH_MATCH_ONLY }),
    .run = allocpages_run,
};
