/* SPDX-License-Identifier: GPL-3.0-or-later */
/* words.c - what an action does, or a check asks, as a person reads it in a preview. */
#include "model.h"

#include <string.h>

/* Words of the action are put in for {1}, {2}, ...; the first line whose verb and number of words (0: any) are the action's counts. */
static const struct {
    const char *verb;
    guint words;
    const char *text;
} texts[] = {
    {"bridge-add", 0, "create the bridge {1}"},
    {"link-delete", 0, "delete the bridge {1}"},
    {"link-up", 0, "switch {1} on"},
    {"link-down", 0, "switch {1} off"},
    {"link-mac", 0, "give {1} the MAC address {2}"},
    {"link-mtu", 0, "set the MTU of {1} to {2}"},
    {"link-master", 0, "make {1} a port of {2}"},
    {"link-nomaster", 0, "take {1} out of its bridge"},
    {"address-add", 0, "give {1} the address {2}"},
    {"address-delete", 0, "take {2} off {1}"},
    {"route-add", 0, "route {2} via {3} by {1}"},
    {"route-delete", 0, "take the route {2} via {3} off {1}"},
    {"sysctl", 0, "set {1} to {2}"},
    {"file", 0, "restore {1}"},
    {"remove", 0, "remove {1}"},
    {"nm-add", 0, "add a profile to NetworkManager"},
    {"nm-delete", 0, "delete the profile {1} of NetworkManager"},
    {"nm-activate", 0, "activate the profile {1} on {2}"},
    {"nm-begin", 0, "activate the profile {1} on {2}"},
    {"nm-reload", 0, "let NetworkManager read its files"},
    {"nm-zone", 0, "put {1} into firewalld's zone {2}"},
    {"firewalld-zone", 0, "put {1} into firewalld's zone {2} ({3})"},
    {"firewalld-forward", 0, "let firewalld's zone {1} forward within itself: {2} ({3})"},
    {"check-up", 0, "{1} is up"},
    {"check-mac", 0, "{1} has the MAC address {2}"},
    {"check-port", 0, "{1} is a port of {2} and forwards"},
    {"check-route", 0, "the {2} route via {3} goes by {1}"},
    {"check-gateway", 0, "the gateway {2} answers"},
    {"check-neighbour", 0, "your own machine, {2}, answers"},
    {"check-resolver", 4, "the DNS server {2} is asked as before, and answers"},
    {"check-resolver", 0, "the DNS server {2} answers"},
    {"check-passes", 0, "packets of guests on {1} pass the firewall"},
    {"check-zone", 0, "{1} is in firewalld's zone {2}"},
};

static char *filled(const char *text, char *const *words, guint count)
{
    GString *out = g_string_new(NULL);

    for (const char *c = text; *c; c++) {
        guint number = c[0] == '{' && g_ascii_isdigit(c[1]) && c[2] == '}' ? (guint)(c[1] - '0') : 0;

        if (!number) {
            g_string_append_c(out, *c);
            continue;
        }
        c += 2;
        if (number >= count || strcmp(words[number], "-") != 0)
            g_string_append(out, number < count ? words[number] : "?");
        else if (g_str_has_suffix(out->str, " via "))
            g_string_truncate(out, out->len - strlen(" via ")); /* a route without a gateway */
        else
            g_string_append(out, "(the default)");
    }
    return g_string_free(out, FALSE);
}

char *words_text(char *const *words)
{
    guint count = g_strv_length((char **)(uintptr_t)words);
    bool runs = strcmp(words[0], "run") == 0 || strcmp(words[0], "run-always") == 0;

    if (strcmp(words[0], "check-address") == 0 && count > 2)
        return strcmp(words[2], "any") == 0 ? g_strdup_printf("%s has an IPv4 address", words[1])
                                            : g_strdup_printf("%s has the address %s", words[1], words[2]);
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        if (strcmp(texts[i].verb, words[0]) == 0 && (!texts[i].words || texts[i].words == count))
            return filled(texts[i].text, words, count);
    return g_strjoinv(" ", (char **)(uintptr_t)words + (runs ? 1 : 0));
}
