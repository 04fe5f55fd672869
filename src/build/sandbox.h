// SPDX-License-Identifier: GPL-2.0-or-later
// The sandbox of a build: a process in namespaces of its own (user, mount, pid, ipc, uts, cgroup, and net
// unless the build may use the network) below a root that holds the host's toolchain read-only, the closure
// of the inputs and nothing else. All mounts live in the child's mount namespace and all its processes in its
// pid namespace, so that whatever way a build or kernix itself ends, neither a mount nor a process is left.
//
// How it is made (clone(2), user_namespaces(7), mount_setattr(2), pivot_root(2)):
//   1. sandbox_start clones the child, maps one user and one group into it, and lets it go on.
//   2. The child opens every host folder that it will show as a detached mount, becomes user 1000 of its user
//      namespace, mounts a tmpfs, fills it from the table in sandbox-root.c, and pivots into it.
//   3. It forks: pid 1 reaps and reports, pid 2 gives up all capabilities, loads the system call filter and
//      executes the builder. When pid 2 ends, pid 1 ends, and the kernel kills the rest.
// What it may not do to others beside that is in sandbox-confine.c. An ordinary user's builds all run as that
// user: only namespaces keep them apart.
// Works as root and as an ordinary user; as root, the builder's user is one that owns nothing on the host.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/err.h"

// Ids as the builder sees them.
#define SANDBOX_UID 1000
#define SANDBOX_GID 100
// Where the build directory is inside.
#define SANDBOX_BUILD_DIR "/build"

// The user that builders run as on the host: for root one of the range that Nix uses for builders without
// accounts, where it is mapped (which one of it: uidpool.h); else the caller. Files that builders read or
// write belong to it.
struct sandbox_ids {
	uid_t uid;
	gid_t gid;
	bool own; // it is the caller itself: nothing needs to be chowned
};
void sandbox_ids(struct sandbox_ids *ret);

#define SANDBOX_PROCESSES 16384
// What one build may take of the machine. All zero: the defaults; UINT64_MAX: no limit.
struct sandbox_limits {
	uint64_t memory_bytes; // of all its processes, where cgroups can be had; default: no limit
	uint64_t processes;    // and threads; default SANDBOX_PROCESSES
	bool no_cgroups;
};

// The compiled system call filter, made once and used by all builds. Refuses to make files setuid or setgid
// (EPERM), and extended attributes and ACLs (ENOTSUP), which the store does not keep.
struct sandbox_filter;
int sandbox_filter_new(struct sandbox_filter **ret, struct err *e);
void sandbox_filter_free(struct sandbox_filter *f);

// A host file or folder shown inside, read-only.
struct sandbox_bind {
	const char *source, *target;
	bool optional; // a missing source is no error
};

// A host file or folder that a fetcher was pointed to: shown read-only as SANDBOX_SHOWN_DIR/NUMBER if the
// user that builds may read it. The kernel decides that: it is opened with that user's rights, and links are
// followed with them.
#define SANDBOX_SHOWN_DIR "/.shown"
struct sandbox_shown {
	const char *path; // absolute
	int errnum;       // set in the sandbox: 0, or why it is not there; EINVAL: neither file nor folder
	int tree;         // the sandbox's own
	bool is_dir;
};

// A folder of which the builder may change everything, while lower stays as it is: what it writes comes to be
// in upper (overlayfs: what was removed is a character device 0/0 there, a folder that hides the one below
// has the attribute user.overlay.opaque; everything that a builder leaves there is to be examined). All paths
// are of the host, but for target. lower has one owner throughout: the builder finds it as its own. upper and
// work are beside each other in a folder on a file system that overlayfs can write to; all three belong to
// the builder. Needs Linux 5.11, for root 5.19; where there can be none, sandbox_start or sandbox_reap say
// -EOPNOTSUPP.
struct sandbox_overlay {
	const char *lower, *upper, *work;
	const char *target;       // absolute inside
	bool read_only;           // upper only hides, and the builder changes nothing
	int lower_tree, own_tree; // the sandbox's own
};

struct sandbox_spec {
	const char *store_dir;      // logical, "/nix/store"
	const char *store_real_dir; // where the inputs are
	char *const *inputs;        // logical store paths: the closure that the builder may see
	const char *out_dir;        // host folder shown as store_dir, writable: where the outputs come to be
	const char *tmp_dir;        // host folder shown as /tmp
	const char *build_dir;      // host folder shown as /build
	const char *tools_dir; // host folder whose usr, bin, lib... are shown (buildroot.h); NULL: the host's
	const struct sandbox_bind *binds;
	size_t n_binds;
	struct sandbox_shown *shown; // run sees what became of them
	size_t n_shown;
	struct sandbox_overlay *overlays; // mounted last, in this order
	size_t n_overlays;
	// The builder keeps CAP_DAC_OVERRIDE in its user namespace, where it reaches files of its own alone:
	// so it may write to the read-only files of a lower layer without changing the modes of all of them
	// first.
	bool writes_read_only;
	bool network;       // keep the host's network and show its resolver and certificates
	const char *system; // "i686-linux" on x86_64 gets that personality; NULL: none
	const struct sandbox_filter *filter;
	struct sandbox_ids ids;
	struct sandbox_limits limits;
	const char *cgroup; // its folder (cgroup.h); NULL: that of the caller
	int log_fd;         // becomes stdout and stderr
	// What runs: a program with its environment...
	const char *program;
	char *const *argv, *const *env;
	// ...or, when program is NULL, a function; its result is the exit status (0..255).
	int (*run)(void *ctx);
	void *run_ctx;
};

// The ABI of the kernel's Landlock, 0: none. From 6 on it keeps builders with a network from abstract
// sockets.
int sandbox_landlock_abi(void);
// Is id mapped in the user namespace that we are in? map_path: /proc/self/uid_map or gid_map.
bool sandbox_id_mapped(const char *map_path, uint64_t id);

struct sandbox_proc {
	pid_t pid;     // pid 1 of the sandbox
	int pidfd;     // readable when it has ended
	int status_fd; // how it ended; read by sandbox_reap
};

int sandbox_start(const struct sandbox_spec *spec, struct sandbox_proc *ret, struct err *e);
// Runs spec->run in a plain child process without any namespace, for work of our own on what builders made:
// own session, stdin empty, stdout and stderr to log_fd, dies with the caller. The ids are the caller's.
int sandbox_start_plain(const struct sandbox_spec *spec, struct sandbox_proc *ret, struct err *e);
// Kills everything in the sandbox; sandbox_reap comes after.
void sandbox_kill(const struct sandbox_proc *p);
// Waits for the end and closes the descriptors. *ret_status is a wait status (WIFEXITED, ...) of the builder.
// An error means that the sandbox could not be made.
int sandbox_reap(struct sandbox_proc *p, int *ret_status, struct err *e);
