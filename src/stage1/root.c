// SPDX-License-Identifier: GPL-2.0-or-later
// switch_root. The initramfs cannot be unmounted, so it is emptied to give its memory back.
#include "stage1/root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEPTH_MAX 64
// The kernel's numbers: musl-gcc sees no linux/ headers.
#define RAMFS_MAGIC 0x858458f6UL
#define TMPFS_MAGIC 0x01021994UL

enum { INIT_OK, INIT_MISSING, INIT_NO_INTERPRETER };

// In the new root: the file, and the program that "#!" names.
static int check_init(const char *path)
{
	char line[256] = "";
	int fd = access(path, X_OK) == 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0)
		return INIT_MISSING;
	if (read(fd, line, sizeof(line) - 1) < 2 || line[0] != '#' || line[1] != '!')
		return INIT_OK;
	char *program = line + 2 + strspn(line + 2, " \t");
	program[strcspn(program, " \t\n")] = '\0';
	return access(program, X_OK) == 0 ? INIT_OK : INIT_NO_INTERPRETER;
}

// A child tries it, so that absolute links are followed as the new system will see them.
const char *root_lacks_init(const char *root, const char *path)
{
	static const char *const texts[] = {[INIT_OK] = NULL,
	        [INIT_MISSING] = "is not there or cannot be run",
	        [INIT_NO_INTERPRETER] = "is a script whose interpreter is not there"};
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(chroot(root) < 0 || chdir("/") < 0 ? INIT_MISSING : check_init(path));
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return texts[WIFEXITED(status) && WEXITSTATUS(status) <= INIT_NO_INTERPRETER ? WEXITSTATUS(status)
	                                                                             : INIT_OK];
}

// Deletes what is in the folder (takes over fd), staying on the given device.
static void empty(int fd, dev_t device, int depth)
{
	DIR *dir = fdopendir(fd);
	struct stat st;

	if (!dir) {
		close(fd);
		return;
	}
	for (struct dirent *e = readdir(dir); e && depth < DEPTH_MAX; e = readdir(dir)) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
		        fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_dev != device)
			continue;
		if (S_ISDIR(st.st_mode)) {
			int child = openat(fd, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			if (child >= 0)
				empty(child, device, depth + 1);
		}
		unlinkat(fd, e->d_name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0);
	}
	closedir(dir);
}

// Only what is really an initramfs is emptied: started by mistake on a disk, this must not delete it.
static bool is_initramfs(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 &&
	       ((unsigned long)fs.f_type == RAMFS_MAGIC || (unsigned long)fs.f_type == TMPFS_MAGIC);
}

static void move_mounts(const char *root)
{
	static const char *const names[] = {"dev", "proc", "sys", "run"};
	char from[16], to[4096];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(from, sizeof(from), "/%s", names[i]);
		snprintf(to, sizeof(to), "%s/%s", root, names[i]);
		mkdir(to, 0755);
		// A root without that folder that cannot be written: stage 2 has to mount its own.
		if (mount(from, to, NULL, MS_MOVE, NULL) < 0)
			umount2(from, MNT_DETACH);
	}
}

int root_switch(const char *root, char **argv, const char **ret_what)
{
	struct stat st;
	int old = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*ret_what = "open /";
	if (old < 0 || fstat(old, &st) < 0)
		return -errno;
	move_mounts(root);
	*ret_what = "change to the new root";
	if (chdir(root) < 0)
		return -errno;
	if (is_initramfs(old))
		empty(old, st.st_dev, 0);
	else
		close(old);
	*ret_what = "move the new root to /";
	if (mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 || chdir("/") < 0)
		return -errno;
	// The console of the new /dev, in case ours was the initramfs's own node.
	int console = open("/dev/console", O_RDWR | O_NOCTTY);
	for (int i = 0; console >= 0 && i < 3; i++)
		dup2(console, i);
	if (console > 2)
		close(console);
	*ret_what = "start init";
	execv(argv[0], argv);
	return -errno;
}
