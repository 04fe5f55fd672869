// SPDX-License-Identifier: GPL-2.0-or-later
// Outputs of a build: the child's work on their contents, and how they get into the store.
#include "build/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/tree.h"
#include "build/log.h"

// From this size on the child syncs the file system itself, so that registering finds little left to do.
#define OUTPUT_SYNC_BYTES  (16u << 20)
#define OUTPUT_DESCRIPTORS 4096

int output_set_init(struct output_set *set, struct store *s, const struct drv *d, const char *drv_path,
        char *const *inputs, const struct output_dirs *dirs, const char *log_path, struct err *e)
{
	bool copied = drv_is_fixed(d);

	*set = (struct output_set){
	        .store = s,
	        .drv = d,
	        .drv_path = drv_path,
	        .inputs = inputs,
	        .from_uid = dirs->from_uid,
	        .lower = dirs->lower,
	        .upper = dirs->upper,
	        .made_dir = mem_strdup(dirs->made),
	        .fresh_dir = copied ? fs_join(dirs->scratch, "fresh") : NULL,
	        .log_path = mem_strdup(log_path),
	        .outputs = mem_array(d->n_outputs + 1, sizeof(struct output)),
	        .n_outputs = d->n_outputs,
	};
	int r = 0;
	for (size_t i = 0; r == 0 && i < d->n_outputs; i++) {
		const struct drv_output *o = &d->outputs[i];
		set->outputs[i] = (struct output){
		        .name = o->name,
		        .path = o->path,
		        .made = fs_join(dirs->made, str_basename(o->path)),
		        .scratch = fs_join(copied ? set->fresh_dir : dirs->made, str_basename(o->path)),
		        .real = store_real_path(s, o->path),
		};
		bool valid = true;
		r = store_is_valid(s, o->path, &valid, e);
		set->outputs[i].wanted = !valid;
	}
	return r;
}

void output_set_release(struct output_set *set)
{
	for (size_t i = 0; i < set->n_outputs; i++) {
		struct output *o = &set->outputs[i];
		mem_free(o->made);
		mem_free(o->scratch);
		mem_free(o->real);
		mem_free(o->ca);
		strv_free(o->refs);
	}
	mem_free(set->outputs);
	mem_free(set->made_dir);
	mem_free(set->fresh_dir);
	mem_free(set->log_path);
	*set = (struct output_set){0};
}

// Is hash, as found, what the derivation says? Sets o->ca.
static int output_check_hash(const struct output_set *set, struct output *o, const struct ca *want,
        const struct hash *got, struct err *e)
{
	if (!hash_eq(&want->hash, got)) {
		_cleanup_free_ char *specified = hash_format(&want->hash, HASH_SRI, true);
		_cleanup_free_ char *found = hash_format(got, HASH_SRI, true);
		return err_set(e, -EILSEQ,
		        "hash mismatch in fixed-output derivation '%s':\n"
		        "  specified: %s\n"
		        "     got:    %s",
		        set->drv_path, specified, found);
	}
	o->ca = ca_format(want);
	return 0;
}

static int output_fixed(const struct output_set *set, struct output *o, struct err *e)
{
	const struct drv_output *d = drv_output(set->drv, o->name);
	struct ca want;
	struct hash got;
	struct stat st;
	uint64_t size;
	int r = ca_parse_method_algo(d->hash_algo, &want.method, &want.hash.algo, e);

	if (r == 0)
		r = hash_parse(d->hash, want.hash.algo, &want.hash, e);
	if (r < 0)
		return r;
	if (strv_len(o->refs))
		return err_set(e, -EINVAL, "illegal path references in fixed-output derivation '%s': %s",
		        set->drv_path, o->refs[0]);
	if (want.method == CA_NAR && want.hash.algo == HASH_SHA256)
		return output_check_hash(set, o, &want, &o->nar_hash, e);
	if (want.method == CA_NAR) {
		r = nar_hash_path(o->scratch, want.hash.algo, NULL, &got, &size, e);
		return r < 0 ? r : output_check_hash(set, o, &want, &got, e);
	}
	_cleanup_close_ int fd = tree_open_entry(AT_FDCWD, o->scratch, &st);
	if (fd < 0 && fd != -EINVAL)
		return err_sys(e, -fd, "opening '%s'", o->scratch);
	if (fd < 0 || !S_ISREG(st.st_mode) || (st.st_mode & 0111))
		return err_set(e, -EINVAL,
		        "output path '%s' should be a non-executable regular file since recursive hashing is "
		        "not "
		        "enabled (outputHashMode=flat)",
		        o->path);
	r = hash_fd(want.hash.algo, fd, o->scratch, &got, e);
	return r < 0 ? r : output_check_hash(set, o, &want, &got, e);
}

static int output_read(const struct output_set *set, struct output *o, struct err *e)
{
	_cleanup_strv_ char **candidates = NULL;

	int r = fs_lstat_maybe(o->made, NULL, e);
	if (r == 0)
		return err_set(e, -ENOENT,
		        "builder for '%s' failed to produce output path for output '%s' at '%s'",
		        set->drv_path, o->name, o->path);
	if (r > 0)
		r = set->fresh_dir ? store_copy_fresh(o->made, o->scratch, set->from_uid, e) : 0;
	if (r == 0 && !o->merged)
		r = store_canonicalise(set->store, o->scratch, set->fresh_dir ? (uid_t)-1 : set->from_uid, e);
	if (r < 0)
		return r;
	strv_for_each (p, set->inputs)
		strv_add(&candidates, p);
	for (size_t i = 0; i < set->n_outputs; i++)
		strv_add(&candidates, set->outputs[i].path);
	r = store_scan_references(o->scratch, candidates, &o->nar_hash, &o->nar_size_bytes, &o->refs, e);
	if (r == 0 && drv_output(set->drv, o->name)->hash[0])
		r = output_fixed(set, o, e);
	return r;
}

// "output NAME HASH SIZE CA|-" and "ref PATH" lines.
static void output_print(const struct output *o, struct buf *out)
{
	_cleanup_free_ char *hash = hash_format(&o->nar_hash, HASH_BASE16, false);

	buf_addf(out, "output %s %s %llu %s\n", o->name, hash, (unsigned long long)o->nar_size_bytes,
	        o->ca ? o->ca : "-");
	strv_for_each (ref, o->refs)
		buf_addf(out, "ref %s\n", ref);
}

// Trees are walked with a descriptor or two a level; this process is ours alone, so its limit may be raised.
static void output_more_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < OUTPUT_DESCRIPTORS) {
		limit.rlim_cur = MIN(limit.rlim_max, (rlim_t)OUTPUT_DESCRIPTORS);
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

// The folder of the outputs becomes ours: whoever still holds it cannot put anything else into it any more.
static int output_take_over(struct output_set *set, struct err *e)
{
	struct stat st;
	_cleanup_close_ int held = tree_hold(AT_FDCWD, set->made_dir, &st);
	int r = held < 0 ? held : 0;

	if (r == 0 && st.st_uid != geteuid())
		r = tree_chown(held, geteuid(), getegid());
	if (r == 0)
		r = tree_chmod(held, 0700);
	if (r < 0)
		return err_sys(e, -r, "taking over '%s'", set->made_dir);
	if (set->fresh_dir && mkdir(set->fresh_dir, 0700) < 0)
		return err_sys(e, errno, "making '%s'", set->fresh_dir);
	return 0;
}

// An output that is an overlay becomes a tree like every other, in the place of the folder that it was
// mounted on.
static int output_merge(struct output_set *set, struct output *o, struct err *e)
{
	struct stat st;
	_cleanup_close_ int held = tree_hold(AT_FDCWD, set->upper, &st);
	// A folder that is not writable cannot get a new parent.
	if (held < 0 || tree_chmod(held, 0700) < 0 || rmdir(o->made) < 0 || rename(set->upper, o->made) < 0)
		return err_sys(e, errno, "putting what the builder wrote to '%s'", o->made);
	int r = store_merge_overlay(o->made, set->lower, set->from_uid, e);
	o->merged = r == 0;
	return r;
}

static int output_read_all(struct output_set *set, struct buf *out, struct err *e)
{
	uint64_t total = 0;

	output_more_descriptors();
	int taken = output_take_over(set, e);
	if (taken < 0)
		return taken;
	for (size_t i = 0; i < set->n_outputs; i++) {
		struct output *o = &set->outputs[i];
		int r = set->upper && str_eq(o->name, "out") ? output_merge(set, o, e) : 0;
		if (r == 0)
			r = output_read(set, o, e);
		if (r < 0)
			return r;
		output_print(&set->outputs[i], out);
		total += set->outputs[i].nar_size_bytes;
	}
	if (total >= OUTPUT_SYNC_BYTES) {
		_cleanup_close_ int fd = fs_open(set->outputs[0].scratch, O_RDONLY | O_NOFOLLOW, 0, e);
		if (fd >= 0 && syncfs(fd) < 0)
			return err_sys(e, errno, "syncing '%s'", set->outputs[0].scratch);
	}
	return 0;
}

int output_work(void *ctx)
{
	struct output_set *set = ctx;
	_cleanup_buf_ struct buf out = {0};
	_cleanup_err_ struct err e = {0}, ignored = {0};

	if (output_read_all(set, &out, &e) < 0) {
		buf_clear(&out);
		buf_addf(&out, "error %d %s", -e.code, e.msg);
	} else {
		buf_adds(&out, "end\n");
	}
	fs_write_all(1, buf_str(&out), out.len, "findings", &ignored);
	close(1); // the parent may parse while the log is compressed
	close(2);
	build_log_compress(set->log_path, &ignored);
	if (set->fresh_dir)
		fs_rm_rf(set->made_dir, &ignored);
	return 0;
}

static struct output *output_find(struct output_set *set, const char *name)
{
	for (size_t i = 0; i < set->n_outputs; i++) {
		if (str_eq(set->outputs[i].name, name))
			return &set->outputs[i];
	}
	return NULL;
}

static struct output *output_parse_line(struct output_set *set, const char *line, struct err *e)
{
	_cleanup_strv_ char **words = strv_split(line, " ");
	struct output *o = strv_len(words) == 5 ? output_find(set, words[1]) : NULL;

	if (!o || str_to_u64(words[3], &o->nar_size_bytes) < 0 ||
	        hash_parse(words[2], HASH_SHA256, &o->nar_hash, e) < 0) {
		err_set(e, -EBADMSG, "findings about '%s' are damaged", set->drv_path);
		return NULL;
	}
	o->ca = str_eq(words[4], "-") ? NULL : mem_strdup(words[4]);
	return o;
}

int output_parse(struct output_set *set, struct buf *findings, struct err *e)
{
	const char *failed = str_after(buf_str(findings), "error ");
	struct output *o = NULL;
	bool ended = false;

	if (failed) {
		char *text;
		long code = strtol(failed, &text, 10);
		return err_set(e, -(int)code, "%s", text + (*text == ' '));
	}
	_cleanup_strv_ char **lines = strv_split(buf_str(findings), "\n");
	strv_for_each (line, lines) {
		const char *ref = str_after(line, "ref ");
		ended = str_eq(line, "end");
		if (ref && o)
			strv_add(&o->refs, ref);
		else if (!ended && !(o = output_parse_line(set, line, e)))
			return e->code;
	}
	return ended ? 0 : err_set(e, -EIO, "examining the outputs of '%s' was cut short", set->drv_path);
}

// The store's file system is the scratch's: only names change. A folder that is not writable cannot get a new
// parent, but for root.
static int output_move(const char *from, const char *to, struct err *e)
{
	struct stat st;
	int r = fs_rm_rf(to, e);

	if (r < 0)
		return r;
	_cleanup_close_ int held = tree_hold(AT_FDCWD, from, &st);
	if (held < 0)
		return err_sys(e, -held, "output '%s'", from);
	bool dir = S_ISDIR(st.st_mode);
	if (dir && (r = tree_chmod(held, 0755)) < 0)
		return err_sys(e, -r, "chmod '%s'", from);
	if (rename(from, to) < 0)
		return err_sys(e, errno, "moving '%s' to '%s'", from, to);
	if (dir && (r = tree_chmod(held, st.st_mode & 07777)) < 0)
		return err_sys(e, -r, "chmod '%s'", to);
	return 0;
}

int output_install(struct output_set *set, struct err *e)
{
	struct store_info *infos = mem_array(set->n_outputs + 1, sizeof(*infos));
	const struct store_info **list = mem_array(set->n_outputs + 1, sizeof(*list));
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < set->n_outputs; i++) {
		struct output *o = &set->outputs[i];
		if (!o->wanted)
			continue;
		infos[n] = (struct store_info){
		        .path = (char *)o->path,
		        .nar_hash = o->nar_hash,
		        .nar_size_bytes = o->nar_size_bytes,
		        .refs = o->refs,
		        .deriver = (char *)set->drv_path,
		        .ca = o->ca,
		        .ultimate = true,
		};
		list[n] = &infos[n];
		n++;
		r = store_clear_place(set->store, o->path, e);
		if (r == 0)
			r = output_move(o->scratch, o->real, e);
	}
	if (r == 0 && n)
		r = store_register(set->store, list, n, e);
	mem_free(list);
	mem_free(infos);
	return r;
}

static int output_compare_one(struct output_set *set, struct output *o, struct err *e)
{
	_cleanup_store_info_ struct store_info *old = NULL;
	_cleanup_free_ char *kept = str_printf("%s.check", o->real);
	_cleanup_buf_ struct buf diff = {0};
	int r = store_query_info(set->store, o->path, &old, e);

	if (r < 0)
		return r;
	if (hash_eq(&old->nar_hash, &o->nar_hash))
		return 0;
	r = output_move(o->scratch, kept, e);
	if (r < 0)
		return r;
	output_diff(o->real, kept, 8, &diff);
	return err_set(e, -ENOTUNIQ,
	        "derivation '%s' may not be deterministic: output '%s' differs from '%s'\n%s", set->drv_path,
	        o->path, kept, buf_str(&diff));
}

int output_compare(struct output_set *set, struct err *e)
{
	for (size_t i = 0; i < set->n_outputs; i++) {
		int r = output_compare_one(set, &set->outputs[i], e);
		if (r < 0)
			return r;
	}
	return 0;
}
