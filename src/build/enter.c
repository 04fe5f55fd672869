// SPDX-License-Identifier: GPL-2.0-or-later
// A view of the host with a private store at /nix and a build root's tools: tmpfs root, the top folders bound
// into it, then pivot_root (mount_namespaces(7)). Not chroot: in one of those Linux allows no user
// namespaces, so no builds.

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/mountcall.h"
#include "base/str.h"
#include "build/buildroot.h"
#include "build/enter.h"
#include "store/store.h"

static int write_map(const char *path, const char *text, struct err *e)
{
	_cleanup_close_ int fd = fs_open(path, O_WRONLY, 0, e);

	return fd < 0 ? fd : fs_write_all(fd, text, strlen(text), path, e);
}

// An ordinary user needs a user namespace to mount; he stays who he is in it.
static int new_namespaces(struct err *e)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int r;

	if (uid == 0 && unshare(CLONE_NEWNS) == 0)
		return 0;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return err_sys(e, errno,
		        "making a mount namespace to show a private store or a build root at its place");
	_cleanup_free_ char *uid_map = str_printf("%u %u 1", (unsigned)uid, (unsigned)uid);
	_cleanup_free_ char *gid_map = str_printf("%u %u 1", (unsigned)gid, (unsigned)gid);
	if ((r = write_map("/proc/self/setgroups", "deny", e)) < 0 && r != -ENOENT)
		return r;
	if ((r = write_map("/proc/self/uid_map", uid_map, e)) < 0)
		return r;
	return write_map("/proc/self/gid_map", gid_map, e);
}

static int bind_into(const char *source, const char *target, struct err *e)
{
	struct stat st;

	if (lstat(source, &st) < 0)
		return 0;
	if (S_ISLNK(st.st_mode)) {
		_cleanup_free_ char *to = NULL;
		int r = fs_readlink(source, &to, e);

		return r < 0 ? r : symlink(to, target) < 0 ? err_sys(e, errno, "linking '%s'", target) : 0;
	}
	if (S_ISDIR(st.st_mode)) {
		if (mkdir(target, 0755) < 0)
			return err_sys(e, errno, "creating '%s'", target);
	} else {
		int fd = fs_open(target, O_CREAT | O_WRONLY, 0644, e);

		if (fd < 0)
			return fd;
		close(fd);
	}
	if (mount(source, target, NULL, MS_BIND | MS_REC, NULL) < 0)
		return err_sys(e, errno, "showing '%s'", source);
	return 0;
}

// Every entry of the folder from that is wanted (NULL: all), into the folder to.
static int bind_entries(const char *from, const char *to, bool (*wanted)(const char *name), struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = fs_list(from, &names, e);

	strv_for_each (name, names) {
		_cleanup_free_ char *source = fs_join(from, name), *target = fs_join(to, name);

		if (r == 0 && (!wanted || wanted(name)))
			r = bind_into(source, target, e);
	}
	return r;
}

static bool is_not_usr(const char *name)
{
	return buildroot_entry(name) && !str_eq(name, "usr");
}

static bool is_of_host(const char *name)
{
	return !buildroot_entry(name) && !str_eq(name, "nix");
}

static bool is_of_host_or_tools(const char *name)
{
	return !str_eq(name, "nix");
}

// Nobody may write into a tree of the store, not even its owner.
static int make_read_only(const char *path, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = fs_list(path, &names, e);

	strv_for_each (name, names) {
		_cleanup_free_ char *full = fs_join(path, name);
		// A link, and what is no mount of its own (EINVAL), are passed over.
		if (r == 0 && mountcall_set_at(full, MOUNTCALL_RDONLY) < 0 && errno != EINVAL &&
		        errno != ENOSYS)
			r = err_sys(e, errno, "making '%s' read-only", full);
	}
	return r;
}

// The root's etc/alternatives over the host's, where both have one.
static int bind_alternatives(const char *root, struct err *e)
{
	static const char target[] = "/view/etc/alternatives";
	_cleanup_free_ char *source = fs_join(root, "etc/alternatives");
	int ours = fs_lstat_maybe(source, NULL, e), hosts = ours > 0 ? fs_lstat_maybe(target, NULL, e) : 0;

	if (ours < 0 || hosts <= 0)
		return ours < 0 ? ours : hosts;
	return mount(source, target, NULL, MS_BIND | MS_REC, NULL) < 0
	               ? err_sys(e, errno, "showing '/etc/alternatives' of the build root")
	               : 0;
}

// root: as it is called now, below /host. usr is a folder of single mounts, so that the host's usr/src can be
// among them.
static int bind_root(const char *root, struct err *e)
{
	_cleanup_free_ char *usr = fs_join(root, "usr");
	int r = mkdir("/view/usr", 0755) < 0 ? err_sys(e, errno, "creating '/usr'") : 0;

	if (r == 0)
		r = bind_entries(usr, "/view/usr", NULL, e);
	if (r == 0)
		r = bind_entries(root, "/view", is_not_usr, e);
	if (r == 0)
		r = make_read_only("/view/usr", e);
	if (r == 0)
		r = fs_lstat_maybe("/view/usr/src", NULL, e);
	if (r == 0)
		r = bind_into("/host/usr/src", "/view/usr/src", e);
	return r < 0 ? r : bind_alternatives(root, e);
}

static int bind_all(const struct store *s, const char *root, struct err *e)
{
	_cleanup_free_ char *nix = str_printf("/host%s/nix", store_is_private(s) ? store_root(s) : ""),
	                    *tools = root ? str_printf("/host%s", root) : NULL;
	int r = bind_entries("/host", "/view", root ? is_of_host : is_of_host_or_tools, e);

	if (r == 0)
		r = bind_into(nix, "/view/nix", e);
	return r == 0 && tools ? bind_root(tools, e) : r;
}

int enter_view(const struct store *s, const char *root, struct err *e)
{
	static const char doing[] = "preparing the view of a private store or a build root";
	_cleanup_free_ char *cwd = NULL, *real = root ? realpath(root, NULL) : NULL;
	int r;

	if (!store_is_private(s) && !root)
		return 0;
	if (root && !real)
		return err_sys(e, errno, "the build root '%s'", root);
	if ((r = fs_absolute(".", &cwd, e)) < 0 || (r = new_namespaces(e)) < 0)
		return r;
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0 ||
	        mount("tmpfs", "/tmp", "tmpfs", 0, "mode=0755") < 0)
		return err_sys(e, errno, "%s", doing);
	if (mkdir("/tmp/host", 0755) < 0 || mkdir("/tmp/view", 0755) < 0 ||
	        syscall(SYS_pivot_root, "/tmp", "/tmp/host") < 0 || chdir("/") < 0 ||
	        mount("/view", "/view", NULL, MS_BIND, NULL) < 0)
		return err_sys(e, errno, "%s", doing);
	if ((r = bind_all(s, real, e)) < 0)
		return r;
	if (chdir("/view") < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0)
		return err_sys(e, errno, "entering %s", doing + strlen("preparing "));
	if (chdir(cwd) < 0 && chdir("/") < 0)
		return err_sys(e, errno, "entering '%s'", cwd);
	return 0;
}

struct enter_place {
	int user, mounts; // user: -1 where no namespace of users was needed
};

// In the child: makes the view, says so, and stays until it has been opened.
static _noreturn_ void place_child(const struct store *s, const char *root, int said, int go)
{
	_cleanup_err_ struct err e = {0}, ignored = {0};
	char byte;

	if (enter_view(s, root, &e) < 0)
		fs_write_all(said, e.msg, strlen(e.msg), "pipe", &ignored);
	else if (write(said, "", 1) == 1 && read(go, &byte, 1) < 0)
		_exit(1);
	_exit(0);
}

static int place_open(struct enter_place *p, pid_t pid, struct err *e)
{
	_cleanup_free_ char *user = str_printf("/proc/%d/ns/user", (int)pid),
	                    *mounts = str_printf("/proc/%d/ns/mnt", (int)pid);
	struct stat own, its;

	p->mounts = fs_open(mounts, O_RDONLY, 0, e);
	if (p->mounts < 0)
		return p->mounts;
	if (stat("/proc/self/ns/user", &own) < 0 || stat(user, &its) < 0)
		return err_sys(e, errno, "'%s'", user);
	if (own.st_ino == its.st_ino)
		return 0;
	p->user = fs_open(user, O_RDONLY, 0, e);
	return p->user < 0 ? p->user : 0;
}

// What the child says: one zero byte, or an error.
static int place_wait(struct enter_place *p, pid_t pid, int said, struct err *e)
{
	char text[1024];
	ssize_t n = read(said, text, sizeof(text) - 1);

	if (n == 1 && !text[0])
		return place_open(p, pid, e);
	text[n < 0 ? 0 : n] = '\0';
	return err_set(e, -EPERM, "%s", n > 0 ? text : "the view of the build root could not be made");
}

int enter_place_make(const struct store *s, const char *root, struct enter_place **ret, struct err *e)
{
	struct enter_place *p = NEW(struct enter_place);
	int said[2], go[2];

	*p = (struct enter_place){-1, -1};
	if (pipe2(said, O_CLOEXEC) < 0 || pipe2(go, O_CLOEXEC) < 0) {
		mem_free(p);
		return err_sys(e, errno, "pipe");
	}
	pid_t pid = fork();
	if (pid == 0) {
		close(go[1]);
		place_child(s, root, said[1], go[0]);
	}
	close(said[1]);
	int r = pid < 0 ? err_sys(e, errno, "fork") : place_wait(p, pid, said[0], e);
	close(said[0]);
	close(go[0]);
	close(go[1]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (r == 0)
		*ret = p;
	else
		enter_place_free(p);
	return r;
}

int enter_place_go(const struct enter_place *p)
{
	if (p->user >= 0 && setns(p->user, CLONE_NEWUSER) < 0)
		return -errno;
	return setns(p->mounts, CLONE_NEWNS) < 0 ? -errno : 0;
}

void enter_place_free(struct enter_place *p)
{
	if (!p)
		return;
	if (p->user >= 0)
		close(p->user);
	if (p->mounts >= 0)
		close(p->mounts);
	mem_free(p);
}
