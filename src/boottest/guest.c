// SPDX-License-Identifier: GPL-2.0-or-later
// The program in the guest of a boot test. Stage 1 starts it as its debug shell: then it lays out disposable
// disks as the plan says, with the programs that are in the initrd, closes everything again and lets stage 1
// find its root. A copy of it is the system's init on that root: then it tells that stage 2 was reached.
#include "boottest/guest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/btrfs.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX    12
#define DEVICES_MAX  32
#define WAIT_STEPS   100 // for a disk
#define WAIT_STEP_US 100000
#define LINGER_S     600 // the host ends the guest

struct device {
	char name[64], node[PATH_MAX];
};

struct guest {
	struct device devices[DEVICES_MAX];
	size_t device_count;
	char failure[BOOTTEST_MARK_BYTES];
};

// --- the answering disk ---

// The node of the disk of that size.
static bool find_disk(unsigned long long sectors, char *ret, size_t size)
{
	DIR *dir = opendir("/sys/class/block");
	bool found = false;

	for (struct dirent *d = dir ? readdir(dir) : NULL; d && !found; d = readdir(dir)) {
		char path[PATH_MAX];
		unsigned long long n = 0;

		snprintf(path, sizeof(path), "/sys/class/block/%s/size", d->d_name);
		FILE *f = d->d_name[0] == '.' ? NULL : fopen(path, "re");
		if (f && fscanf(f, "%llu", &n) == 1 && n == sectors) {
			snprintf(ret, size, "/dev/%s", d->d_name);
			found = access(ret, F_OK) == 0;
		}
		if (f)
			fclose(f);
	}
	if (dir)
		closedir(dir);
	return found;
}

static bool wait_disk(unsigned long long sectors, char *ret, size_t size)
{
	for (int i = 0; i < WAIT_STEPS; i++) {
		if (find_disk(sectors, ret, size))
			return true;
		usleep(WAIT_STEP_US);
	}
	return false;
}

static void mark(int which, const char *text)
{
	char node[PATH_MAX], sector[BOOTTEST_MARK_BYTES] = "";

	snprintf(sector, sizeof(sector), "%s\n%s\n", BOOTTEST_MARK_TEXT, text);
	int fd = wait_disk(BOOTTEST_MARK_SECTORS, node, sizeof(node)) ? open(node, O_WRONLY | O_CLOEXEC) : -1;
	if (fd < 0 || pwrite(fd, sector, sizeof(sector), which * BOOTTEST_MARK_BYTES) < 0 || fsync(fd) < 0)
		fprintf(stderr, "boot test: cannot tell the host: %s\n", strerror(errno));
	if (fd >= 0)
		close(fd);
}

// --- steps ---

__attribute__((format(printf, 2, 3))) static bool fail(struct guest *g, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(g->failure, sizeof(g->failure) - 64, format, ap);
	va_end(ap);
	return false;
}

static const char *node_of(const struct guest *g, const char *name)
{
	for (size_t i = 0; i < g->device_count; i++)
		if (strcmp(g->devices[i].name, name) == 0)
			return g->devices[i].node;
	return name;
}

static bool name_device(struct guest *g, const char *name, const char *node)
{
	if (g->device_count == DEVICES_MAX)
		return fail(g, "too many devices");
	struct device *d = &g->devices[g->device_count++];
	snprintf(d->name, sizeof(d->name), "%s", name);
	snprintf(d->node, sizeof(d->node), "%s", node);
	return true;
}

// The program's input is `text`; what it says goes to the console, and its last line into the failure.
static bool run(struct guest *g, const char *text, const char *const *argv)
{
	int in[2], out[2], status = 0;
	char said[2048] = "";
	size_t len = 0;
	ssize_t n;

	if (pipe(in) < 0 || pipe(out) < 0)
		return fail(g, "pipe: %s", strerror(errno));
	pid_t child = fork();
	if (child == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		dup2(out[1], 2);
		for (int fd = 3; fd < 64; fd++)
			close(fd);
		execv(argv[0], (char *const *)argv);
		fprintf(stderr, "%s\n", strerror(errno));
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	if (text && write(in[1], text, strlen(text)) < 0)
		fprintf(stderr, "boot test: %s\n", strerror(errno));
	close(in[1]);
	while (len < sizeof(said) - 1 && (n = read(out[0], said + len, sizeof(said) - 1 - len)) > 0)
		len += (size_t)n;
	// The rest is read, too: a program that cannot write would end.
	for (char rest[512]; read(out[0], rest, sizeof(rest)) > 0;)
		;
	close(out[0]);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (status == 0)
		return true;
	fprintf(stderr, "%s\n", said);
	said[strcspn(said, "\n")] = '\0';
	return fail(g, "%s %s: %.200s", argv[0], argv[1], said);
}

static void make_folders(const char *path)
{
	char part[PATH_MAX];

	snprintf(part, sizeof(part), "%s", path);
	for (char *p = part + 1; *p; p++)
		if (*p == '/') {
			*p = '\0';
			mkdir(part, 0755);
			*p = '/';
		}
	mkdir(part, 0755);
}

static bool do_disk(struct guest *g, char **w)
{
	char node[PATH_MAX];

	if (!wait_disk(strtoull(w[2], NULL, 10), node, sizeof(node)))
		return fail(g, "the disk %s did not appear", w[1]);
	return name_device(g, w[1], node);
}

// It is made under a name of its own, whose link goes with it: what stage 1 calls the array follows from
// --name.
static bool do_raid(struct guest *g, char **w)
{
	const char *slash = strrchr(w[2], '/'), *name = slash ? slash + 1 : w[2];
	char named[100], node[PATH_MAX];

	snprintf(named, sizeof(named), "--name=%s", strncmp(name, "md", 2) == 0 && name[2] ? name + 2 : name);
	snprintf(node, sizeof(node), "/dev/md/made-%zu", g->device_count);
	const char *argv[] = {"/sbin/mdadm", "--create", node, "--quiet", "--run", "--assume-clean",
	        "--level=1", "--raid-devices=2", "--metadata=1.2", "--homehost=guest", named,
	        node_of(g, w[3]), node_of(g, w[4]), NULL};
	return run(g, NULL, argv) && name_device(g, w[1], node);
}

static bool do_luks(struct guest *g, char **w)
{
	bool passphrase = strcmp(w[5], "-") == 0;
	const char *device = node_of(g, w[3]), *key = passphrase ? "-" : w[5],
	           *text = passphrase ? BOOTTEST_PASSPHRASE : NULL;
	const char *format[] = {"/sbin/cryptsetup", "luksFormat", "--batch-mode", "--type=luks2",
	        "--pbkdf=pbkdf2", "--pbkdf-force-iterations=1000", "--uuid", w[4], "--key-file", key,
	        "--keyfile-offset", w[6], "--keyfile-size", w[7], "--", device, NULL};
	const char *open[] = {"/sbin/cryptsetup", "open", "--type=luks", "--key-file", key,
	        "--keyfile-offset", w[6], "--keyfile-size", w[7], "--", device, w[2], NULL};
	char node[PATH_MAX];

	// Without a size the whole of the key is taken.
	if (strcmp(w[7], "0") == 0) {
		memmove(format + 12, format + 14, 3 * sizeof(*format));
		memmove(open + 7, open + 9, 4 * sizeof(*open));
	}
	snprintf(node, sizeof(node), "/dev/mapper/%s", w[2]);
	return run(g, text, format) && run(g, text, open) && name_device(g, w[1], node);
}

static bool do_group(struct guest *g, char **w)
{
	const char *argv[] = {"/sbin/lvm", "vgcreate", "-qq", w[1], node_of(g, w[2]), NULL};

	return run(g, NULL, argv);
}

static bool do_volume(struct guest *g, char **w)
{
	const char *argv[] = {
	        "/sbin/lvm", "lvcreate", "-qq", "-Zn", "-Wn", "-L", w[4], "-n", w[3], w[2], NULL};
	char node[PATH_MAX];

	snprintf(node, sizeof(node), "/dev/%s/%s", w[2], w[3]);
	return run(g, NULL, argv) && name_device(g, w[1], node);
}

static bool copy_bytes(int from, int to, unsigned long long at, unsigned long long left)
{
	char chunk[65536];

	while (left) {
		ssize_t n = read(from, chunk, left < sizeof(chunk) ? (size_t)left : sizeof(chunk));
		if (n <= 0 || pwrite(to, chunk, (size_t)n, (off_t)at) != n)
			return false;
		left -= (unsigned long long)n;
		at += (unsigned long long)n;
	}
	return true;
}

static bool write_zeros(int to, unsigned long long at, unsigned long long left)
{
	static const char chunk[1 << 20];

	while (left) {
		ssize_t n = pwrite(to, chunk, left < sizeof(chunk) ? (size_t)left : sizeof(chunk), (off_t)at);
		if (n <= 0)
			return false;
		left -= (unsigned long long)n;
		at += (unsigned long long)n;
	}
	return true;
}

static bool do_fill(struct guest *g, char **w)
{
	struct boottest_extent x;
	int from = open(w[2], O_RDONLY | O_CLOEXEC), to = open(node_of(g, w[1]), O_WRONLY | O_CLOEXEC);
	bool ok = from >= 0 && to >= 0;

	while (ok && read(from, &x, sizeof(x)) == sizeof(x))
		ok = x.zeros ? write_zeros(to, x.at_bytes, x.size_bytes)
		             : copy_bytes(from, to, x.at_bytes, x.size_bytes);
	ok = ok && fsync(to) == 0;
	if (!ok)
		fail(g, "writing to %s: %s", node_of(g, w[1]), strerror(errno));
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	return ok;
}

static bool do_mount(struct guest *g, char **w)
{
	char alias[80];
	const char *argv[] = {"/sbin/modprobe", alias, NULL};

	snprintf(alias, sizeof(alias), "fs-%s", w[2]);
	run(g, NULL, argv); // built in, or mounting says it
	g->failure[0] = '\0';
	make_folders(w[3]);
	if (mount(node_of(g, w[1]), w[3], w[2], 0, NULL) < 0)
		return fail(g, "mounting %s (%s): %s", node_of(g, w[1]), w[2], strerror(errno));
	return true;
}

static bool do_subvolume(struct guest *g, char **w)
{
	struct btrfs_ioctl_vol_args args = {0};
	char *slash = strrchr(w[1], '/');

	*slash = '\0';
	make_folders(w[1]);
	int fd = open(w[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	snprintf(args.name, sizeof(args.name), "%s", slash + 1);
	bool ok = fd >= 0 && (ioctl(fd, BTRFS_IOC_SUBVOL_CREATE, &args) == 0 || errno == EEXIST);
	*slash = '/';
	if (!ok)
		fail(g, "making the subvolume %s: %s", w[1], strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool do_folder(struct guest *g, char **w)
{
	(void)g;
	make_folders(w[1]);
	return true;
}

static bool do_init(struct guest *g, char **w)
{
	char dir[PATH_MAX];
	struct stat st;

	snprintf(dir, sizeof(dir), "%s", w[1]);
	*strrchr(dir, '/') = '\0';
	make_folders(dir);
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC),
	    to = open(w[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	bool ok = from >= 0 && to >= 0 && fstat(from, &st) == 0 &&
	          copy_bytes(from, to, 0, (unsigned long long)st.st_size);
	if (!ok)
		fail(g, "writing %s: %s", w[1], strerror(errno));
	if (from >= 0)
		close(from);
	if (to >= 0 && close(to) < 0)
		ok = fail(g, "writing %s: %s", w[1], strerror(errno));
	return ok;
}

static bool do_unmount(struct guest *g, char **w)
{
	return umount(w[1]) == 0 || fail(g, "unmounting %s: %s", w[1], strerror(errno));
}

static bool do_close(struct guest *g, char **w)
{
	const char *argv[] = {"/sbin/cryptsetup", "close", w[1], NULL};

	return run(g, NULL, argv);
}

static bool do_deactivate(struct guest *g, char **w)
{
	const char *argv[] = {"/sbin/lvm", "vgchange", "-qq", "-an", w[1], NULL};

	return run(g, NULL, argv);
}

static bool do_stop(struct guest *g, char **w)
{
	const char *node = node_of(g, w[1]);
	const char *argv[] = {"/sbin/mdadm", "--stop", "--quiet", node, NULL};

	return run(g, NULL, argv) &&
	       (unlink(node) == 0 || errno == ENOENT || fail(g, "%s: %s", node, strerror(errno)));
}

static const struct {
	const char *word;
	size_t words;
	bool (*step)(struct guest *g, char **w);
} steps[] = {
        {"disk", 3, do_disk},
        {"raid", 5, do_raid},
        {"luks", 8, do_luks},
        {"group", 3, do_group},
        {"volume", 5, do_volume},
        {"fill", 3, do_fill},
        {"mount", 4, do_mount},
        {"subvolume", 2, do_subvolume},
        {"folder", 2, do_folder},
        {"init", 2, do_init},
        {"unmount", 2, do_unmount},
        {"close", 2, do_close},
        {"deactivate", 2, do_deactivate},
        {"stop", 2, do_stop},
};

// --- the plan ---

// \NNN, in place.
static void decode(char *s)
{
	char *out = s;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] && s[2] && s[3]) {
			*out++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*out++ = *s;
		}
	}
	*out = '\0';
}

static bool obey(struct guest *g, char *line)
{
	char *words[WORDS_MAX], *rest = line;
	size_t n = 0;

	line[strcspn(line, "\n")] = '\0';
	for (char *p = strsep(&rest, " "); p && n < WORDS_MAX; p = strsep(&rest, " ")) {
		decode(p);
		words[n++] = p;
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (strcmp(steps[i].word, words[0]) == 0 && steps[i].words == n)
			return steps[i].step(g, words);
	return fail(g, "'%s' makes no sense", words[0]);
}

static int lay_out(void)
{
	static struct guest g;
	static char line[8192];
	FILE *plan = fopen(BOOTTEST_PLAN_PATH, "re");
	bool ok = plan != NULL;

	signal(SIGPIPE, SIG_IGN);
	mkdir("/run/cryptsetup", 0700);
	mkdir("/run/lvm", 0700);
	setenv("DM_DISABLE_UDEV", "1", 1);
	setenv("PATH", "/sbin:/bin", 1);
	while (ok && fgets(line, sizeof(line), plan)) {
		char word[32];

		snprintf(word, sizeof(word), "%.*s", (int)strcspn(line, " \n"), line);
		ok = obey(&g, line);
		if (!ok) {
			char text[BOOTTEST_MARK_BYTES + 64];
			snprintf(text, sizeof(text), "%s: %s", word, g.failure);
			fprintf(stderr, "boot test: %s\n", text);
			mark(BOOTTEST_MARK_FAILED, text);
			sleep(LINGER_S);
		}
	}
	sync();
	if (ok)
		mark(BOOTTEST_MARK_READY, "the disks are laid out");
	return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
	// Only as a person's shell: scripts of the initrd begin with "#!/bin/sh", too, and are left out.
	if (getpid() != 1)
		return argc == 2 && strcmp(argv[1], "-i") == 0 ? lay_out() : 0;
	printf("boot test: stage 2\n");
	fflush(stdout);
	mark(BOOTTEST_MARK_STAGE2, "stage 2");
	sync();
	sleep(LINGER_S);
	reboot(RB_AUTOBOOT);
	return 0;
}
