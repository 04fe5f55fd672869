// SPDX-License-Identifier: GPL-2.0-or-later
// Making and freeing an evaluator, and running it on a stack of its own.

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "base/mem.h"
#include "base/str.h"
#include "expr/builtin-util.h"
#include "expr/eval-private.h"

// The stack is address space only until it is used. Evaluation stops RESERVE before its end, so that an error
// can still be told.
enum {
	STACK_BYTES = 1 << 28,
	STACK_BYTES_MIN = 8 << 20,
	STACK_RESERVE = 1 << 20,
	STACK_GUARD = 64 << 10,
	STACK_NO_MANS_LAND = 1 << 20, // larger than any frame
	MAX_CALL_DEPTH = 10000
};

static const struct builtin_table *const tables[] = {
        &builtin_types,
        &builtin_arith,
        &builtin_lists,
        &builtin_attrs,
        &builtin_strings,
        &builtin_regexes,
        &builtin_versions,
        &builtin_paths,
        &builtin_jsons,
        &builtin_tomls,
        &builtin_xmls,
        &builtin_hashes,
        &builtin_contexts,
        &builtin_control,
        &builtin_imports,
        &builtin_closures,
};

// The names that Nix knows before it reads anything, in its order (seen by the order of evaluation): the
// attributes of a set are evaluated in the order in which their names were first seen.
static const char *const symbol_order[] = {"outPath", "drvPath", "type", "meta", "name", "value", "system",
        "__overrides", "outputs", "outputName", "__ignoreNulls", "file", "line", "column", "__functor",
        "__toString", "right", "wrong", "__structuredAttrs", "__json", "allowedReferences",
        "allowedRequisites", "disallowedReferences", "disallowedRequisites", "maxSize", "maxClosureSize",
        "builder", "args", "__contentAddressed", "__impure", "outputHash", "outputHashAlgo", "outputHashMode",
        "recurseForDerivations", "description", "self", "", "startSet", "operator", "key", "path", "prefix",
        "outputSpecified", "__sub", "__lessThan", "__mul", "__div", "or", "__findFile", "__nixPath", "body",
        "builtins", "true", "false", "null", "currentTime", "currentSystem", "nixVersion", "storeDir",
        "langVersion", "traceVerbose", "nixPath", "scopedImport", "import", "typeOf", "isNull", "isFunction",
        "isInt", "isFloat", "isString", "isBool", "isPath", "genericClosure", "break", "abort", "throw",
        "addErrorContext", "ceil", "floor", "tryEval", "getEnv", "seq", "deepSeq", "trace", "warn",
        "derivationStrict", "placeholder", "toPath", "storePath", "pathExists", "baseNameOf", "dirOf",
        "readFile", "findFile", "hashFile", "readFileType", "readDir", "toXML", "toJSON", "fromJSON",
        "toFile", "filterSource", "attrNames", "attrValues", "getAttr", "unsafeGetAttrPos", "hasAttr",
        "isAttrs", "removeAttrs", "listToAttrs", "intersectAttrs", "catAttrs", "functionArgs", "mapAttrs",
        "zipAttrsWith", "isList", "elemAt", "head", "tail", "map", "filter", "elem", "concatLists", "length",
        "foldl'", "any", "all", "genList", "sort", "partition", "groupBy", "concatMap", "add", "sub", "mul",
        "div", "bitAnd", "bitOr", "bitXor", "lessThan", "toString", "substring", "stringLength", "hashString",
        "convertHash", "match", "split", "concatStringsSep", "replaceStrings", "parseDrvName",
        "compareVersions", "splitVersion", "unsafeDiscardStringContext", "hasContext",
        "unsafeDiscardOutputDependency", "addDrvOutputDependencies", "getContext", "appendContext",
        "fetchMercurial", "fetchFinalTree", "fetchurl", "fetchTarball", "fetchGit", "fromTOML", "getFlake",
        "parseFlakeRef", "flakeRefToString", "derivation"};

static const struct {
	size_t offset;
	const char *name;
} symbol_names[] = {
#define SYM(field, text)                                                                                     \
	{                                                                                                    \
		offsetof(struct eval_symbols, field), text                                                   \
	}
        SYM(functor, "__functor"),
        SYM(to_string, "__toString"),
        SYM(overrides, "__overrides"),
        SYM(type, "type"),
        SYM(name, "name"),
        SYM(value, "value"),
        SYM(path, "path"),
        SYM(out_path, "outPath"),
        SYM(drv_path, "drvPath"),
        SYM(outputs, "outputs"),
        SYM(output_name, "outputName"),
        SYM(system, "system"),
        SYM(builder, "builder"),
        SYM(args, "args"),
        SYM(meta, "meta"),
        SYM(recurse_for_derivations, "recurseForDerivations"),
        SYM(cur_pos, "__curPos"),
        SYM(sub, "__sub"),
        SYM(less_than, "__lessThan"),
        SYM(mul, "__mul"),
        SYM(div, "__div"),
        SYM(find_file, "__findFile"),
        SYM(nix_path, "__nixPath"),
        SYM(body, "body"),
        SYM(file, "file"),
        SYM(line, "line"),
        SYM(column, "column"),
        SYM(right, "right"),
        SYM(wrong, "wrong"),
        SYM(key, "key"),
        SYM(start_set, "startSet"),
        SYM(operator_, "operator"),
        SYM(prefix, "prefix"),
        SYM(structured_attrs, "__structuredAttrs"),
        SYM(ignore_nulls, "__ignoreNulls"),
        SYM(content_addressed, "__contentAddressed"),
        SYM(impure, "__impure"),
        SYM(output_hash, "outputHash"),
        SYM(output_hash_algo, "outputHashAlgo"),
        SYM(output_hash_mode, "outputHashMode"),
        SYM(or_, "or"),
#undef SYM
};

static void init_symbols(struct eval *ev)
{
	symbol_init(&ev->symbols);
	for (size_t i = 0; i < ARRAY_SIZE(symbol_order); i++)
		symbol_of(&ev->symbols, symbol_order[i]);
	for (size_t i = 0; i < ARRAY_SIZE(symbol_names); i++)
		*(uint32_t *)((char *)&ev->sym + symbol_names[i].offset) =
		        symbol_of(&ev->symbols, symbol_names[i].name);
	ev->priv->space = symbol_of(&ev->symbols, " ");
}

static void add_tables(struct eval *ev, void *arg)
{
	builtin_init(ev);
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		builtin_add_table(ev, tables[i]->rows, tables[i]->count);
}

struct eval *eval_new(const struct host *host, const struct eval_settings *settings)
{
	struct eval *ev = NEW(struct eval);
	struct thrown t;

	ev->priv = NEW(struct eval_private);
	ev->host = *host;
	if (settings)
		ev->settings = *settings;
	else
		ev->settings.allow_import_from_derivation = true;
	if (!ev->settings.max_call_depth)
		ev->settings.max_call_depth = MAX_CALL_DEPTH;
	if (!ev->settings.stack_bytes)
		ev->settings.stack_bytes = STACK_BYTES;
	init_symbols(ev);
	if (!eval_try(ev, add_tables, NULL, &t)) {
		fprintf(stderr, "error:%s", t.trace_text);
		abort();
	}
	return ev;
}

void eval_free(struct eval *ev)
{
	if (!ev)
		return;
	hmap_release(&ev->files);
	hmap_release(&ev->parsed);
	hmap_release(&ev->priv->lookup_cache);
	hmap_release(&ev->priv->copied);
	hmap_release(&ev->priv->allowed);
	builtin_state_free(ev->priv->builtin_state);
	mem_free(ev->priv->builtins.rows);
	mem_free(ev->priv);
	source_release(&ev->sources);
	symbol_release(&ev->symbols);
	arena_release(&ev->heap);
	arena_release(&ev->code);
	mem_free(ev);
}

// ---- running on the big stack

struct run {
	struct eval *ev;
	void (*f)(struct eval *ev, void *arg);
	void *arg;
	struct thrown *ret;
	char *stack;      // the lowest address of it
	sigset_t signals; // what the caller's thread had blocked
	bool ok;
};

static void *run_thread(void *arg)
{
	struct run *r = arg;
	struct eval *ev = r->ev;

	pthread_sigmask(SIG_SETMASK, &r->signals, NULL);
	ev->priv->stack_reserve = r->stack + STACK_GUARD;
	ev->priv->stack_low = r->stack + STACK_RESERVE;
	ev->stack_limit = ev->priv->stack_low;
	r->ok = eval_try(ev, r->f, r->arg, r->ret);
	ev->stack_limit = NULL;
	return NULL;
}

// Half as much where address space is short (ulimit -v), down to what is still of use. Below it are pages
// that nobody may touch: whatever misses the checks of depth ends there, and not in other memory.
static char *map_stack(size_t *size_bytes)
{
	for (;;) {
		char *p = mmap(NULL, STACK_NO_MANS_LAND + *size_bytes, PROT_NONE,
		        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
		if (p != MAP_FAILED &&
		        mprotect(p + STACK_NO_MANS_LAND, *size_bytes, PROT_READ | PROT_WRITE) == 0)
			return p + STACK_NO_MANS_LAND;
		if (p != MAP_FAILED)
			munmap(p, STACK_NO_MANS_LAND + *size_bytes);
		if (*size_bytes / 2 < STACK_BYTES_MIN)
			mem_die(*size_bytes);
		*size_bytes /= 2;
	}
}

bool eval_run(struct eval *ev, void (*f)(struct eval *ev, void *arg), void *arg, struct thrown *ret)
{
	struct run r = {.ev = ev, .f = f, .arg = arg, .ret = ret};
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all;

	size_t size_bytes = ev->settings.stack_bytes;
	r.stack = map_stack(&size_bytes);
	pthread_attr_init(&attr);
	pthread_attr_setstack(&attr, r.stack, size_bytes);
	// Signals are the evaluator's thread's alone: a build that it starts takes Ctrl-C from there and
	// cleans up, which the default action in this thread would cut off.
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &r.signals);
	if (pthread_create(&thread, &attr, run_thread, &r) != 0)
		mem_die(size_bytes);
	pthread_join(thread, NULL);
	pthread_sigmask(SIG_SETMASK, &r.signals, NULL);
	pthread_attr_destroy(&attr);
	munmap(r.stack - STACK_NO_MANS_LAND, STACK_NO_MANS_LAND + size_bytes);
	return r.ok;
}
