// SPDX-License-Identifier: GPL-2.0-or-later
// One guest in QEMU: its console, its answers on the disk, its time; and that nothing of it stays, however it
// ends.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/boottest-impl.h"
#include "boot/boottest-layout.h"
#include "boottest/guest.h"

#define STEP_MS       50
#define WORD_MS       3000 // a kernel that KVM really runs has said something by then
#define LINGER_MS     3000 // between a panic and the guest's end
#define CONSOLE_BYTES (4 << 20)
#define MEMORY_MIB    1024 // at least

const struct guest_bus guest_buses[] = {
        {"virtio", {"virtio_pci", "virtio_blk"}, NULL, "virtio-blk-pci,drive=d%zu"},
        {"nvme", {"nvme"}, NULL, "nvme,drive=d%zu,serial=kernix%zu"},
        {"ahci", {"ahci", "sd_mod"}, "ahci,id=ahci", "ide-hd,drive=d%zu,bus=ahci.%zu"},
        {"virtio-scsi", {"virtio_pci", "virtio_scsi", "sd_mod"}, "virtio-scsi-pci,id=scsi",
                "scsi-hd,drive=d%zu"},
        {"ide", {"ata_piix", "sd_mod"}, NULL, "ide-hd,drive=d%zu"},
        {NULL, {NULL}, NULL, NULL},
};

const struct guest_bus *guest_bus_find(const char *name)
{
	for (size_t i = 0; guest_buses[i].name; i++)
		if (str_eq(guest_buses[i].name, name))
			return &guest_buses[i];
	return NULL;
}

struct guest {
	const struct guest_opts *o;
	struct buf *console;
	char *mark_path;
	pid_t pid;
	int in, out, signals;
	int64_t start_ms, heard_ms, died_ms;
	size_t asked; // passphrases that were typed
	bool ended;
	int status;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// --- QEMU's words ---

static int make_file(const char *dir, const char *name, unsigned long long sectors, char **ret, struct err *e)
{
	_cleanup_free_ char *path = fs_join(dir, name);
	_cleanup_close_ int fd = fs_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600, e);

	if (fd < 0)
		return fd;
	if (ftruncate(fd, (off_t)sectors * 512) < 0)
		return err_sys(e, errno, "making %s", path);
	*ret = TAKE_PTR(path);
	return 0;
}

static void add_disk(char ***argv, const struct guest_bus *bus, size_t number, const char *file)
{
	_cleanup_free_ char *drive =
	        str_printf("file=%s,if=none,id=d%zu,format=raw,cache=unsafe,discard=unmap", file, number);

	// The words of the table take the number once or twice.
	_cleanup_free_ char *count = str_printf("%zu", number);
	_cleanup_buf_ struct buf b = {0};
	for (const char *p = bus->device; *p; p++) {
		bool here = str_has_prefix(p, "%zu");
		buf_add(&b, here ? count : p, here ? strlen(count) : 1);
		p += here ? 2 : 0;
	}
	strv_add(argv, "-drive");
	strv_add(argv, drive);
	strv_add(argv, "-device");
	strv_add(argv, buf_str(&b));
}

static int add_disks(struct guest *g, char ***argv, struct err *e)
{
	const struct guest_bus *bus = guest_bus_find(g->o->bus);
	int r = make_file(g->o->dir, "mark", BOOTTEST_MARK_SECTORS, &g->mark_path, e);

	if (r == 0 && bus->controller) {
		strv_add(argv, "-device");
		strv_add(argv, bus->controller);
	}
	if (r == 0)
		add_disk(argv, bus, 0, g->mark_path);
	for (size_t i = 0; i < g->o->disk_count && r == 0; i++) {
		_cleanup_free_ char *name = str_printf("disk%zu", i), *path = NULL;
		r = make_file(g->o->dir, name, layout_sectors(i), &path, e);
		if (r == 0)
			add_disk(argv, bus, i + 1, path);
	}
	return r;
}

// An initrd with much firmware is unpacked beside itself.
static unsigned long long memory_mib(const char *initrd)
{
	struct stat st;
	unsigned long long mib = stat(initrd, &st) == 0 ? (unsigned long long)st.st_size >> 20 : 0;

	return MAX(MEMORY_MIB, 512 + 4 * mib);
}

static char **qemu_words(const struct guest_opts *o)
{
	_cleanup_free_ char *memory = str_printf("%llu", memory_mib(o->initrd));
	const char *const words[] = {o->qemu, "-accel", o->accel, "-machine", o->machine, "-cpu", o->cpu,
	        "-m", memory, "-no-user-config", "-nodefaults", "-display", "none", "-no-reboot", "-serial",
	        "stdio", "-kernel", o->kernel, "-initrd", o->initrd, "-append", o->params};
	char **argv = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		strv_add(&argv, words[i]);
	return argv;
}

// --- starting and ending it ---

_noreturn_ static void child(char *const *argv, int in, int out, pid_t parent)
{
	sigset_t none;

	setpgid(0, 0); // Ctrl-C is ours to take
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(126);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(126);
	execv(argv[0], argv);
	_exit(127);
}

static int start(struct guest *g, char *const *argv, struct err *e)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) < 0)
		return err_sys(e, errno, "making a pipe");
	if (pipe2(out, O_CLOEXEC) < 0) {
		int errnum = errno;
		close(in[0]);
		close(in[1]);
		return err_sys(e, errnum, "making a pipe");
	}
	pid_t parent = getpid();
	g->pid = fork();
	if (g->pid == 0)
		child(argv, in[0], out[1], parent);
	int errnum = errno;
	close(in[0]);
	close(out[1]);
	g->in = in[1];
	g->out = out[0];
	return g->pid < 0 ? err_sys(e, errnum, "starting %s", argv[0]) : 0;
}

static void end(struct guest *g)
{
	if (g->pid > 0 && !g->ended) {
		kill(g->pid, SIGKILL);
		while (waitpid(g->pid, &g->status, 0) < 0 && errno == EINTR)
			;
	}
	int *const fds[] = {&g->in, &g->out, &g->signals};
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (*fds[i] >= 0)
			close(*fds[i]);
	mem_free(g->mark_path);
}

// --- what it says ---

static void hear(struct guest *g)
{
	char chunk[16384];
	ssize_t n = read(g->out, chunk, sizeof(chunk));

	for (ssize_t i = 0; i < n; i++)
		chunk[i] = chunk[i] ? chunk[i] : ' ';
	if (n > 0 && g->console->len < CONSOLE_BYTES)
		buf_add(g->console, chunk, (size_t)n);
	if (n > 0)
		g->heard_ms = now_ms();
	if (n == 0) {
		close(g->out);
		g->out = -1;
	}
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *p = strstr(text, what); p; p = strstr(p + 1, what))
		n++;
	return n;
}

static void type_passphrase(struct guest *g)
{
	static const char line[] = BOOTTEST_PASSPHRASE "\n";
	size_t asked = count(buf_str(g->console), "Passphrase for ");

	if (asked <= g->asked)
		return;
	g->asked++;
	if (write(g->in, line, strlen(line)) < 0)
		return; // it has ended
}

// The text of one of the guest's answers; NULL: not yet. Owned.
static char *answer(const struct guest *g, int which)
{
	char sector[BOOTTEST_MARK_BYTES + 1] = "";
	_cleanup_close_ int fd = open(g->mark_path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || pread(fd, sector, BOOTTEST_MARK_BYTES, which * BOOTTEST_MARK_BYTES) < 0)
		return NULL;
	const char *text = str_after(sector, BOOTTEST_MARK_TEXT "\n");
	return text ? mem_strndup(text, strcspn(text, "\n")) : NULL;
}

static bool has_word(struct guest *g)
{
	_cleanup_free_ char *ready = answer(g, BOOTTEST_MARK_READY);

	return ready || strstr(buf_str(g->console), "Linux version");
}

static bool has_panicked(struct guest *g)
{
	return strstr(buf_str(g->console), "Kernel panic - not syncing") != NULL;
}

// --- the loop ---

static bool look_at_answers(struct guest *g, enum guest_end *ret, char **ret_failure)
{
	_cleanup_free_ char *stage2 = answer(g, BOOTTEST_MARK_STAGE2);

	*ret_failure = answer(g, BOOTTEST_MARK_FAILED);
	*ret = stage2 ? GUEST_STAGE2 : GUEST_NO_LAYOUT;
	return stage2 || *ret_failure;
}

static bool look_at_time(struct guest *g, enum guest_end *ret)
{
	int64_t now = now_ms();

	*ret = GUEST_DIED;
	if (has_panicked(g) && !g->died_ms)
		g->died_ms = now;
	if (g->died_ms && now - g->died_ms > LINGER_MS)
		return true;
	*ret = GUEST_SILENT;
	if (str_eq(g->o->accel, "kvm") && now - g->start_ms > WORD_MS && !has_word(g))
		return true;
	*ret = GUEST_HANGS;
	return now - g->start_ms > (int64_t)g->o->limit_s * 1000 ||
	       now - g->heard_ms > (int64_t)g->o->silence_s * 1000;
}

static bool look_at_process(struct guest *g, enum guest_end *ret)
{
	if (waitpid(g->pid, &g->status, WNOHANG) != g->pid)
		return false;
	g->ended = true;
	while (g->out >= 0)
		hear(g);
	bool well = WIFEXITED(g->status) && WEXITSTATUS(g->status) == 0;
	*ret = well || has_word(g) ? GUEST_DIED : GUEST_NO_QEMU;
	return true;
}

static enum guest_end watch(struct guest *g, char **ret_failure, int *ret_signal)
{
	enum guest_end end;

	while (true) {
		struct pollfd f[] = {{g->out, POLLIN, 0}, {g->signals, POLLIN, 0}};
		struct signalfd_siginfo info;

		poll(f, ARRAY_SIZE(f), STEP_MS);
		if (f[1].revents && read(g->signals, &info, sizeof(info)) == sizeof(info)) {
			*ret_signal = (int)info.ssi_signo;
			return GUEST_SIGNAL;
		}
		if (f[0].revents && g->out >= 0)
			hear(g);
		type_passphrase(g);
		if (look_at_answers(g, &end, ret_failure))
			return end;
		if (look_at_process(g, &end)) {
			enum guest_end told;
			return look_at_answers(g, &told, ret_failure) ? told : end;
		}
		if (look_at_time(g, &end))
			return end;
	}
}

// Does the way it ended say anything of the kernel?
static enum guest_end check_end(struct guest *g, enum guest_end end)
{
	_cleanup_free_ char *ready = answer(g, BOOTTEST_MARK_READY);
	const char *said = buf_str(g->console);
	bool deaf = !ready && strstr(said, "stage 1 cannot start the system"),
	     mute = ready && !strstr(said, "Linux version") && g->o->types;

	return (end == GUEST_DIED || end == GUEST_HANGS) && (deaf || mute) ? GUEST_UNCLEAR : end;
}

int guest_run(const struct guest_opts *o, enum guest_end *ret, struct buf *console, char **ret_failure,
        int *ret_signal, struct err *e)
{
	_cleanup_(end) struct guest g = {.o = o, .console = console, .in = -1, .out = -1, .signals = -1};
	_cleanup_strv_ char **argv = qemu_words(o);
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	sigset_t wanted;
	int r = add_disks(&g, &argv, e);

	if (r < 0)
		return r;
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGINT);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGHUP);
	g.signals = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	if (g.signals < 0)
		return err_sys(e, errno, "waiting for signals");
	sigaction(SIGPIPE, &ignore, &before);
	r = start(&g, argv, e);
	g.start_ms = g.heard_ms = now_ms();
	if (r == 0)
		*ret = check_end(&g, watch(&g, ret_failure, ret_signal));
	sigaction(SIGPIPE, &before, NULL);
	return r;
}
