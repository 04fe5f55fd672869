// SPDX-License-Identifier: GPL-2.0-or-later
// kernix config explain, and what its neighbours print with.
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "cmd/config.h"
#include "kconfig/toolfacts.h"
#include "kconfig/tools.h"

int config_print_json(json_t *o, struct err *e)
{
	char *text = json_dumps(o, JSON_INDENT(2));
	int r = 0;

	json_decref(o);
	if (text) {
		r = fs_write_all(1, text, strlen(text), "standard output", e);
		if (r >= 0)
			r = fs_write_all(1, "\n", 1, "standard output", e);
	}
	free(text);
	return r;
}

bool config_wants_lines(const struct config_args *a)
{
	return a->lines || (a->in_tree && !a->nix);
}

int config_print_requests(
        const struct config_args *a, struct kconfig *k, const struct krequests *req, struct err *e)
{
	_cleanup_buf_ struct buf b = {};
	bool lines = config_wants_lines(a);

	if (a->json) {
		json_t *o = json_object();
		for (size_t i = 0; i < req->len; i++)
			json_object_set_new(o, req->v[i].name, json_string(req->v[i].value));
		return config_print_json(o, e);
	}
	if (!lines)
		buf_adds(&b, "structuredExtraConfig = {\n");
	for (size_t i = 0; i < req->len; i++) {
		if (lines)
			config_request_line(k, &req->v[i], "", &b);
		else
			krequest_nix(&req->v[i], "  ", &b);
	}
	if (!lines)
		buf_adds(&b, "};\n");
	return fs_write_all(1, b.data, b.len, "standard output", e);
}

// Who asks for the symbol, as text and as JSON.
static json_t *say_requests(const struct krequests *req, const char *name, struct buf *b)
{
	json_t *list = json_array();

	for (size_t i = 0; i < req->len; i++) {
		const struct krequest *r = &req->v[i];
		if (!r->value || !str_eq(r->name, name))
			continue;
		buf_addf(b, "  asked for: %s%s%s%s\n", *r->value ? r->value : "\"\"",
		        r->optional ? ", if it can be" : "", r->why ? " by " : "", r->why ? r->why : "");
		json_array_append_new(list, json_pack("{s:s, s:b, s:s?}", "value", r->value, "optional",
		                                    r->optional, "why", r->why));
	}
	return list;
}

// What of the toolchain is the cause, one text each.
static json_t *tools_json(const struct buf *tools)
{
	_cleanup_strv_ char **lines = strv_split(tools->len ? tools->data : "", "\n");
	json_t *list = json_array();

	strv_for_each (l, lines) {
		const char *text = str_after(l, "  toolchain: ");
		json_array_append_new(list, json_string(text ? text : l));
	}
	return list;
}

static int explain_one(const struct config_args *a, struct kconfig *k, const struct krequests *req,
        const char *name, json_t *all, struct err *e)
{
	_cleanup_buf_ struct buf b = {}, asked = {}, tools = {};
	const char *bare = str_after(name, "CONFIG_");
	int r = kconfig_explain(k, bare ? bare : name, true, a->json, &b, e);

	if (r < 0)
		return r;
	json_t *list = say_requests(req, bare ? bare : name, &asked),
	       *o = a->json ? json_loads(buf_str(&b), 0, NULL) : NULL;
	kconfig_tool_facts(k, bare ? bare : name, &tools);
	buf_str(&tools);
	if (o)
		json_object_set(o, "requests", list);
	if (o)
		json_object_set_new(o, "toolchain", tools_json(&tools));
	json_decref(list);
	if (o)
		return json_array_append_new(all, o);
	buf_add(&b, asked.data, asked.len);
	buf_add(&b, tools.data, tools.len);
	term_puts(stdout, b.data, b.len);
	return 0;
}

int config_explain(struct config_args *a, struct err *e)
{
	_cleanup_kconfig_ struct kconfig *k = NULL;
	_cleanup_krequests_ struct krequests req = {};
	json_t *all = json_array();
	int r = 0;

	if (!a->words || !a->words[0])
		r = err_set(e, -EINVAL, "kernix config explain SYMBOL...: which symbol?");
	if (r >= 0)
		r = config_load_base(a, &k, e);
	if (r >= 0)
		r = config_apply_quietly(a, k, &req, e);
	strv_for_each (name, a->words)
		if (r >= 0)
			r = explain_one(a, k, &req, name, all, e);
	if (r >= 0 && a->json) // one symbol is an object, several are a list of them
		r = config_print_json(
		        json_incref(json_array_size(all) == 1 ? json_array_get(all, 0) : all), e);
	json_decref(all);
	return r;
}
