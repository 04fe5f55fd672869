// SPDX-License-Identifier: GPL-2.0-or-later
// The root of the sandbox: one table says everything that a builder finds outside of the store. To show
// something more, add a row. Sources are opened as detached mounts (open_tree) while the process still is the
// caller's user, who alone may be able to reach them, and put in place when it is the builder's.
#include "build/sandbox-impl.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/mountcall.h"
#include "base/str.h"

enum root_kind {
	ROOT_DIR,   // an empty folder
	ROOT_BIND,  // the host's file or folder of that name, read-only; a link is made again as a link
	ROOT_DEV,   // the host's device node
	ROOT_LINK,  // a link to arg
	ROOT_FILE,  // a file with content arg
	ROOT_MOUNT, // a new file system of type arg
	ROOT_OWN,   // a folder of the spec, writable
};

enum root_flags {
	ROOT_OPTIONAL = 1, // a host without it is fine
	ROOT_NETWORK = 2,  // only for builds that may use the network
	ROOT_STICKY = 4,   // mode 1777
	ROOT_FOLLOW = 8,   // bind what the link points to, not the link
	ROOT_OFFLINE = 16, // only for builds that may not use the network
	ROOT_TOOLS = 32,   // of the build root, where there is one, in place of the host
};

struct root_row {
	const char *target; // absolute inside; for binds also the source
	enum root_kind kind;
	int flags;
	const char *arg;
	const char *data; // mount options of ROOT_MOUNT
	size_t own;       // offset in struct sandbox_spec of ROOT_OWN's host folder
	unsigned long mount_flags;
};

#define ROOT_OWNED(field) offsetof(struct sandbox_spec, field)

// In this order; a folder comes before what lies in it.
static const struct root_row root_rows[] = {
        {"/usr", ROOT_BIND, ROOT_OPTIONAL | ROOT_TOOLS},
        {"/bin", ROOT_BIND, ROOT_OPTIONAL | ROOT_TOOLS},
        {"/sbin", ROOT_BIND, ROOT_OPTIONAL | ROOT_TOOLS},
        {"/lib", ROOT_BIND, ROOT_OPTIONAL | ROOT_TOOLS},
        {"/lib32", ROOT_BIND, ROOT_OPTIONAL | ROOT_TOOLS},
        {"/libx32", ROOT_BIND, ROOT_OPTIONAL | ROOT_TOOLS},
        {"/lib64", ROOT_BIND, ROOT_OPTIONAL | ROOT_TOOLS},
        {"/etc", ROOT_DIR, 0},
        {"/etc/alternatives", ROOT_BIND, ROOT_OPTIONAL | ROOT_TOOLS},
        {"/etc/ld.so.cache", ROOT_BIND, ROOT_OPTIONAL | ROOT_TOOLS},
        {"/etc/passwd", ROOT_FILE, 0,
                "root:x:0:0:Nix build user:/build:/noshell\n"
                "nixbld:x:1000:100:Nix build user:/build:/noshell\n"
                "nobody:x:65534:65534:Nobody:/:/noshell\n"},
        {"/etc/group", ROOT_FILE, 0, "root:x:0:\nnixbld:!:100:\nnogroup:x:65534:\n"},
        {"/etc/hosts", ROOT_BIND, ROOT_OPTIONAL | ROOT_NETWORK | ROOT_FOLLOW},
        {"/etc/hosts", ROOT_FILE, ROOT_OFFLINE, "127.0.0.1 localhost\n::1 localhost\n"},
        {"/etc/nsswitch.conf", ROOT_FILE, 0,
                "passwd: files\ngroup: files\nhosts: files dns\nservices: files\n"},
        {"/etc/resolv.conf", ROOT_BIND, ROOT_OPTIONAL | ROOT_NETWORK | ROOT_FOLLOW},
        {"/etc/services", ROOT_BIND, ROOT_OPTIONAL | ROOT_NETWORK | ROOT_FOLLOW},
        {"/etc/ssl", ROOT_BIND, ROOT_OPTIONAL | ROOT_NETWORK | ROOT_FOLLOW},
        {"/etc/ca-certificates", ROOT_BIND, ROOT_OPTIONAL | ROOT_NETWORK | ROOT_FOLLOW},
        {"/etc/pki", ROOT_BIND, ROOT_OPTIONAL | ROOT_NETWORK | ROOT_FOLLOW},
        {"/proc", ROOT_MOUNT, 0, "proc", NULL, 0, MS_NOSUID | MS_NODEV | MS_NOEXEC},
        {"/dev", ROOT_DIR, 0},
        {"/dev/null", ROOT_DEV, 0},
        {"/dev/zero", ROOT_DEV, 0},
        {"/dev/full", ROOT_DEV, 0},
        {"/dev/random", ROOT_DEV, 0},
        {"/dev/urandom", ROOT_DEV, 0},
        {"/dev/tty", ROOT_DEV, ROOT_OPTIONAL},
        {"/dev/kvm", ROOT_DEV, ROOT_OPTIONAL},
        {"/dev/shm", ROOT_MOUNT, 0, "tmpfs", "mode=1777", 0, MS_NOSUID | MS_NODEV},
        {"/dev/pts", ROOT_MOUNT, ROOT_OPTIONAL, "devpts", "newinstance,ptmxmode=0666,mode=0620", 0,
                MS_NOSUID | MS_NOEXEC},
        {"/dev/ptmx", ROOT_LINK, 0, "pts/ptmx"},
        {"/dev/fd", ROOT_LINK, 0, "/proc/self/fd"},
        {"/dev/stdin", ROOT_LINK, 0, "/proc/self/fd/0"},
        {"/dev/stdout", ROOT_LINK, 0, "/proc/self/fd/1"},
        {"/dev/stderr", ROOT_LINK, 0, "/proc/self/fd/2"},
        {"/tmp", ROOT_OWN, ROOT_STICKY, NULL, NULL, ROOT_OWNED(tmp_dir)},
        {SANDBOX_BUILD_DIR, ROOT_OWN, 0, NULL, NULL, ROOT_OWNED(build_dir)},
};

// A source that was opened: a detached mount, or the text of a link, or neither when it is missing and may
// be.
struct root_source {
	int tree;
	bool is_dir;
	char *link;
};

struct sandbox_root {
	struct root_source rows[ARRAY_SIZE(root_rows)];
	struct root_source *binds; // of spec->binds
	struct root_source out;    // spec->out_dir
	struct root_source store;  // spec->store_real_dir
};

static bool root_row_applies(const struct root_row *row, const struct sandbox_spec *spec)
{
	return !(row->flags & (spec->network ? ROOT_OFFLINE : ROOT_NETWORK));
}

// Opens path with everything mounted below it as a mount of our own. attrs: MOUNTCALL_* to set on all of it.
static int root_open_tree(const char *path, uint64_t attrs, struct root_source *ret, struct err *e)
{
	struct stat st;
	_cleanup_close_ int fd = mountcall_clone(AT_FDCWD, path);

	if (fd < 0 || (attrs && mountcall_set(fd, attrs) < 0)) {
		int r = err_sys(e, errno,
		        fd < 0 ? "opening '%s' for the sandbox" : "making '%s' read-only for the sandbox",
		        path);
		mountcall_hint(e);
		return r;
	}
	if (fstat(fd, &st) < 0)
		return err_sys(e, errno, "fstat '%s'", path);
	ret->is_dir = S_ISDIR(st.st_mode);
	ret->tree = TAKE_FD(fd);
	return 0;
}

static int root_open_bind(const char *path, int flags, struct root_source *ret, struct err *e)
{
	struct stat st;
	uint64_t attrs = MOUNTCALL_RDONLY | MOUNTCALL_NOSUID | MOUNTCALL_NODEV;

	if (lstat(path, &st) < 0) {
		if (errno == ENOENT && (flags & ROOT_OPTIONAL))
			return 0;
		return err_sys(e, errno, "the sandbox needs '%s'", path);
	}
	if (!S_ISLNK(st.st_mode))
		return root_open_tree(path, attrs, ret, e);
	if (!(flags & ROOT_FOLLOW))
		return fs_readlink(path, &ret->link, e);
	_cleanup_free_ char *real = realpath(path, NULL);
	if (!real)
		return errno == ENOENT && (flags & ROOT_OPTIONAL) ? 0
		                                                  : err_sys(e, errno, "following '%s'", path);
	return root_open_tree(real, attrs, ret, e);
}

static int root_open_row(
        const struct sandbox_spec *spec, const struct root_row *row, struct root_source *ret, struct err *e)
{
	const uint64_t own_attrs = MOUNTCALL_NOSUID | MOUNTCALL_NODEV;

	switch (row->kind) {
	case ROOT_BIND: {
		bool tools = spec->tools_dir && (row->flags & ROOT_TOOLS);
		_cleanup_free_ char *path = str_printf("%s%s", tools ? spec->tools_dir : "", row->target);
		return root_open_bind(path, row->flags, ret, e);
	}
	case ROOT_DEV:
		if (row->flags & ROOT_OPTIONAL) {
			int r = fs_lstat_maybe(row->target, NULL, e);
			if (r <= 0)
				return r;
		}
		return root_open_tree(row->target, MOUNTCALL_NOSUID | MOUNTCALL_NOEXEC, ret, e);
	case ROOT_OWN: {
		const char *dir;
		memcpy(&dir, (const char *)spec + row->own, sizeof(dir));
		return root_open_tree(dir, own_attrs, ret, e);
	}
	case ROOT_DIR:
	case ROOT_LINK:
	case ROOT_FILE:
	case ROOT_MOUNT:
		break;
	}
	return 0;
}

int sandbox_root_open(const struct sandbox_spec *spec, struct sandbox_root **ret, struct err *e)
{
	struct sandbox_root *root = NEW(struct sandbox_root);
	const uint64_t ro = MOUNTCALL_RDONLY | MOUNTCALL_NOSUID | MOUNTCALL_NODEV;
	int r;

	// The child ends by exec or exit; what is opened here ends with it.
	root->binds = mem_array(spec->n_binds + 1, sizeof(*root->binds));
	for (size_t i = 0; i < ARRAY_SIZE(root_rows); i++) {
		root->rows[i].tree = -1;
		if (!root_row_applies(&root_rows[i], spec))
			continue;
		r = root_open_row(spec, &root_rows[i], &root->rows[i], e);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < spec->n_binds; i++) {
		root->binds[i].tree = -1;
		r = root_open_bind(spec->binds[i].source,
		        ROOT_FOLLOW | (spec->binds[i].optional ? ROOT_OPTIONAL : 0), &root->binds[i], e);
		if (r < 0)
			return r;
	}
	r = root_open_tree(spec->out_dir, MOUNTCALL_NOSUID | MOUNTCALL_NODEV, &root->out, e);
	if (r < 0)
		return r;
	r = root_open_tree(spec->store_real_dir, ro, &root->store, e);
	if (r < 0)
		return r;
	r = sandbox_overlay_open(spec, e);
	if (r < 0)
		return r;
	*ret = root;
	return 0;
}

// Targets are absolute inside; the working directory is the new root.
static const char *root_rel(const char *target)
{
	return target + strspn(target, "/");
}

static int root_touch(const char *rel, struct err *e)
{
	int fd = open(rel, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return err_sys(e, errno, "making '/%s' in the sandbox", rel);
	close(fd);
	return 0;
}

static int root_mkdir(const char *rel, mode_t mode, struct err *e)
{
	if (mkdir(rel, mode) < 0 && errno != EEXIST)
		return err_sys(e, errno, "making '/%s' in the sandbox", rel);
	return 0;
}

// Folders above a target that no row made.
static int root_parents(const char *rel, struct err *e)
{
	_cleanup_free_ char *dir = str_dirname(rel);

	return str_eq(dir, ".") ? 0 : fs_mkdir_p(dir, 0755, e);
}

static int root_attach(struct root_source *src, const char *rel, struct err *e)
{
	int r = src->is_dir ? root_mkdir(rel, 0755, e) : root_touch(rel, e);

	if (r < 0)
		return r;
	if (mountcall_place(src->tree, rel) < 0)
		return err_sys(e, errno, "mounting '/%s' in the sandbox", rel);
	close(src->tree);
	src->tree = -1;
	return 0;
}

static int root_place_bind(struct root_source *src, const char *rel, struct err *e)
{
	if (src->link)
		return symlink(src->link, rel) < 0 ? err_sys(e, errno, "linking '/%s' in the sandbox", rel)
		                                   : 0;
	return src->tree < 0 ? 0 : root_attach(src, rel, e);
}

static int root_write_file(const struct root_row *row, struct err *e)
{
	const char *rel = root_rel(row->target);
	_cleanup_close_ int fd = open(rel, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return err_sys(e, errno, "making '%s' in the sandbox", row->target);
	return fs_write_all(fd, row->arg, strlen(row->arg), row->target, e);
}

static int root_new_mount(const struct root_row *row, struct err *e)
{
	const char *rel = root_rel(row->target);
	int r = root_mkdir(rel, 0755, e);

	if (r < 0)
		return r;
	if (mount(row->arg, rel, row->arg, row->mount_flags, row->data) < 0 &&
	        !(row->flags & ROOT_OPTIONAL)) {
		err_sys(e, errno, "mounting %s on '%s' in the sandbox", row->arg, row->target);
		if (str_eq(row->arg, "proc"))
			err_hint(e, "a container that hides parts of /proc does not allow that: give it an "
			            "unmasked /proc, or run kernix outside of it");
		return e->code;
	}
	return 0;
}

static int root_place_row(const struct root_row *row, struct root_source *src, struct err *e)
{
	const char *rel = root_rel(row->target);
	int r = 0;

	switch (row->kind) {
	case ROOT_DIR:
		r = root_mkdir(rel, 0755, e);
		break;
	case ROOT_BIND:
	case ROOT_DEV:
	case ROOT_OWN:
		r = root_place_bind(src, rel, e);
		break;
	case ROOT_LINK:
		if (symlink(row->arg, rel) < 0)
			r = err_sys(e, errno, "linking '%s' in the sandbox", row->target);
		break;
	case ROOT_FILE:
		r = root_write_file(row, e);
		break;
	case ROOT_MOUNT:
		r = root_new_mount(row, e);
		break;
	}
	if (r == 0 && (row->flags & ROOT_STICKY) && chmod(rel, 01777) < 0 && errno != EPERM)
		r = err_sys(e, errno, "chmod '%s' in the sandbox", row->target);
	return r;
}

// Shows one input: a bind of its own below the writable store folder. The mount that it is taken from is
// read-only already, and so is the new one: one system call for each.
static int root_place_input(const char *from_dir, const char *store_rel, const char *path, struct err *e)
{
	const char *name = str_basename(path);
	char from[PATH_MAX], to[PATH_MAX];
	struct stat st;

	if ((size_t)snprintf(from, sizeof(from), "%s/%s", from_dir, name) >= sizeof(from) ||
	        (size_t)snprintf(to, sizeof(to), "%s/%s", store_rel, name) >= sizeof(to))
		return err_set(e, -ENAMETOOLONG, "the name of input '%s' is too long", path);
	if (lstat(from, &st) < 0)
		return err_sys(e, errno, "input '%s' of the build", path);
	if (S_ISLNK(st.st_mode)) {
		_cleanup_free_ char *link = NULL;
		int r = fs_readlink(from, &link, e);
		if (r < 0)
			return r;
		return symlink(link, to) < 0 ? err_sys(e, errno, "linking input '%s'", path) : 0;
	}
	int r = S_ISDIR(st.st_mode) ? root_mkdir(to, 0755, e) : root_touch(to, e);
	if (r < 0)
		return r;
	if (mount(from, to, NULL, MS_BIND | MS_REC, NULL) < 0)
		return err_sys(e, errno, "showing input '%s' in the sandbox", path);
	return 0;
}

static int root_place_store(struct sandbox_root *root, const struct sandbox_spec *spec, struct err *e)
{
	static const char inputs_rel[] = ".inputs";
	const char *store_rel = root_rel(spec->store_dir);
	int r = root_parents(store_rel, e);

	if (r < 0)
		return r;
	r = root_attach(&root->out, store_rel, e);
	if (r < 0)
		return r;
	r = root_attach(&root->store, inputs_rel, e);
	if (r < 0)
		return r;
	strv_for_each (path, spec->inputs) {
		r = root_place_input(inputs_rel, store_rel, path, e);
		if (r < 0)
			return r;
	}
	if (umount2(inputs_rel, MNT_DETACH) < 0 || rmdir(inputs_rel) < 0)
		return err_sys(e, errno, "hiding the store from the sandbox");
	return 0;
}

static int root_place_binds(struct sandbox_root *root, const struct sandbox_spec *spec, struct err *e)
{
	for (size_t i = 0; i < spec->n_binds; i++) {
		const char *rel = root_rel(spec->binds[i].target);
		int r = root_parents(rel, e);
		if (r < 0)
			return r;
		r = root_place_bind(&root->binds[i], rel, e);
		if (r < 0)
			return r;
	}
	return 0;
}

// A tmpfs on a folder that every host has, one with nothing but a kernel, too (it is only covered in our own
// mount namespace, and what is wanted of it was opened before), entered.
static int root_mount_new(struct err *e)
{
	static const char base[] = "/dev";

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_sys(e, errno, "making the mounts of the sandbox private");
	if (mount("sandbox", base, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") < 0)
		return err_sys(e, errno, "mounting the root of the sandbox");
	if (chdir(base) < 0)
		return err_sys(e, errno, "entering the root of the sandbox");
	return 0;
}

static int root_pivot(struct err *e)
{
	// Both at "." (pivot_root(2), last example): the old root lies over the new one until it is let go.
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return err_sys(e, errno, "pivot_root of the sandbox");
	if (umount2(".", MNT_DETACH) < 0)
		return err_sys(e, errno, "letting the host's root go");
	if (mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) < 0)
		return err_sys(e, errno, "making the root of the sandbox read-only");
	if (chdir(SANDBOX_BUILD_DIR) < 0)
		return err_sys(e, errno, "entering " SANDBOX_BUILD_DIR);
	return 0;
}

int sandbox_root_enter(struct sandbox_root *root, const struct sandbox_spec *spec, struct err *e)
{
	int r = root_mount_new(e);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(root_rows); i++) {
		if (root_row_applies(&root_rows[i], spec))
			r = root_place_row(&root_rows[i], &root->rows[i], e);
	}
	if (r == 0)
		r = root_place_store(root, spec, e);
	if (r == 0)
		r = root_place_binds(root, spec, e);
	if (r == 0)
		r = sandbox_shown_place(spec, e);
	if (r == 0)
		r = sandbox_overlay_place(spec, e);
	return r < 0 ? r : root_pivot(e);
}
