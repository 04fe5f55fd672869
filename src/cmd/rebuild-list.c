// SPDX-License-Identifier: GPL-2.0-or-later
// nixos-rebuild list-generations: the columns that NixOS's has, newest first, or JSON.

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "boot/bootspec.h"
#include "cmd/cmd.h"
#include "cmd/rebuild.h"

static const char *const columns[] = {
        "Generation", "Build-date", "NixOS version", "Kernel", "Configuration Revision", "Specialisation"};
#define COLUMNS ARRAY_SIZE(columns)

struct line {
	char *cells[COLUMNS];
};

static char *date_of(time_t t, const char *format, bool utc)
{
	struct tm tm;
	char text[64];

	if (utc)
		gmtime_r(&t, &tm);
	else
		localtime_r(&t, &tm);
	strftime(text, sizeof(text), format, &tm);
	return mem_strdup(text);
}

static const char *or_unknown(const char *s)
{
	return *s ? s : "Unknown";
}

static struct line line_of(const struct sysgen *g, const struct bootspec *b)
{
	return (struct line){{
	        str_printf("%llu%s", (unsigned long long)g->number, g->current ? " current" : ""),
	        date_of(g->created, "%Y-%m-%d %H:%M:%S", false),
	        mem_strdup(or_unknown(b->nixos_version)),
	        mem_strdup(b->release),
	        mem_strdup(b->revision),
	        b->specialisations ? strv_join(b->specialisations, " ") : mem_strdup(""),
	}};
}

static json_t *object_of(const struct sysgen *g, const struct bootspec *b)
{
	_cleanup_free_ char *date = date_of(g->created, "%Y-%m-%dT%H:%M:%SZ", true);
	json_t *names = json_array(), *o = json_object();

	strv_for_each (name, b->specialisations)
		json_array_append_new(names, json_string(name));
	json_object_set_new(o, "generation", json_integer((json_int_t)g->number));
	json_object_set_new(o, "date", json_string(date));
	json_object_set_new(o, "nixosVersion", json_string(or_unknown(b->nixos_version)));
	json_object_set_new(o, "kernelVersion", json_string(b->release));
	json_object_set_new(o, "configurationRevision", json_string(b->revision));
	json_object_set_new(o, "specialisations", names);
	json_object_set_new(o, "current", json_boolean(g->current));
	return o;
}

static void print_row(char *const *cells, const size_t *widths)
{
	_cleanup_buf_ struct buf b = {0};

	for (size_t c = 0; c < COLUMNS; c++) {
		buf_adds(&b, cells[c]);
		if (c + 1 < COLUMNS)
			buf_addn(&b, ' ', widths[c] - strlen(cells[c]) + 2);
	}
	while (b.len && b.data[b.len - 1] == ' ')
		b.len--;
	term_printf(stdout, "%.*s\n", (int)b.len, buf_str(&b));
}

static void print_table(const struct line *lines, size_t n)
{
	size_t widths[COLUMNS];

	for (size_t c = 0; c < COLUMNS; c++) {
		widths[c] = strlen(columns[c]);
		for (size_t i = 0; i < n; i++)
			widths[c] = MAX(widths[c], strlen(lines[i].cells[c]));
	}
	print_row((char *const *)columns, widths);
	for (size_t i = 0; i < n; i++)
		print_row(lines[i].cells, widths);
}

static void list(struct rebuild *rb, const struct sysgens *gens)
{
	_cleanup_free_ struct line *lines = mem_array(gens->len + 1, sizeof(*lines));
	json_t *all = json_array();
	size_t n = 0;

	for (size_t i = gens->len; i-- > 0;) {
		const struct sysgen *g = &gens->gens[i];
		_cleanup_bootspec_ struct bootspec b = {0};
		_cleanup_err_ struct err why = {0};
		if (!str_eq(g->profile, rb->profile))
			continue;
		if (bootspec_read(rb->t.store, g->toplevel, &b, &why) < 0) {
			log_warn("generation %llu is left out: %s", (unsigned long long)g->number, why.msg);
			continue;
		}
		lines[n++] = line_of(g, &b);
		json_array_append_new(all, object_of(g, &b));
	}
	if (rb->json) {
		char *text = json_dumps(all, JSON_INDENT(2));
		printf("%s\n", text);
		free(text);
	} else {
		print_table(lines, n);
	}
	for (size_t i = 0; i < n; i++)
		for (size_t c = 0; c < COLUMNS; c++)
			mem_free(lines[i].cells[c]);
	json_decref(all);
}

int rebuild_list(struct rebuild *rb)
{
	_cleanup_sysgens_ struct sysgens gens = {0};
	_cleanup_err_ struct err e = {0};

	if (boot_target_open(rb->root, rb->store_uri, rb->loader, &rb->t, &e) < 0 ||
	        sysgens_read(rb->t.store, &gens, &e) < 0)
		return cmd_fail(&e);
	list(rb, &gens);
	return 0;
}
