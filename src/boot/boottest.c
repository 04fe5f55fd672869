// SPDX-License-Identifier: GPL-2.0-or-later
// A boot test from its beginning to its end: can it be done, what is the guest made of, what came out.
#include "boot/boottest.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/home.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/term.h"
#include "boot/bootspec.h"
#include "boot/boottest-impl.h"
#include "boot/boottest-layout.h"
#include "boot/boottest-program.h"
#include "boot/cpio.h"
#include "boottest/guest.h"
#include "stage1/format.h"

#define CONSOLE_LINES 20
#define KVM_SILENCE_S 10
#define KVM_LIMIT_S   30
#define TCG_SILENCE_S 60
#define TCG_LIMIT_S   120
#define DEVICE_WAIT_S 10
#define ROOM_BYTES    (512ULL << 20)

// Of the kernel's image (Documentation/arch/x86/boot.rst).
#define HEADER_AT   0x202
#define HEADER_TEXT "HdrS"

static const struct arch {
	const char *machine, *qemu, *type, *console, *params;
} archs[] = {
        {"x86_64", "qemu-system-x86_64", "pc", "ttyS0", " earlyprintk=ttyS0 reboot=t"},
        {"aarch64", "qemu-system-aarch64", "virt", "ttyAMA0", ""},
};

struct test {
	const struct boottest_input *in;
	struct boottest_result *out;
	const struct arch *arch;
	const struct guest_bus *bus;
	struct initrd_contents initrd;
	struct layout layout;
	char *qemu, *dir, *initrd_path, *params, *kept_dir;
	struct buf console;
	bool kvm_was_silent;
};

static void test_release(struct test *t)
{
	_cleanup_err_ struct err ignored = {0};
	char *const owned[] = {t->qemu, t->dir, t->initrd_path, t->params, t->kept_dir};

	if (t->dir)
		fs_rm_rf(t->dir, &ignored);
	for (size_t i = 0; i < ARRAY_SIZE(owned); i++)
		mem_free(owned[i]);
	initrd_contents_release(&t->initrd);
	layout_release(&t->layout);
	buf_release(&t->console);
}

static bool skip(struct test *t, char *why)
{
	t->out->outcome = BOOTTEST_SKIPPED;
	mem_free(t->out->why);
	t->out->why = why;
	return false;
}

// --- can it be tested? ---

static bool find_arch(struct test *t)
{
	struct utsname u = {0};

	uname(&u);
	const char *system = t->in->system ? t->in->system : "";
	size_t n = strcspn(system, "-");
	if (*system && (strlen(u.machine) != n || strncmp(system, u.machine, n) != 0))
		return skip(t, str_printf("it is for %s, and this machine is %s", system, u.machine));
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++)
		if (str_eq(archs[i].machine, u.machine))
			t->arch = &archs[i];
	if (!t->arch)
		return skip(t, str_printf("no QEMU machine is known for %s", u.machine));
	t->qemu = proc_which(t->arch->qemu);
	return t->qemu || skip(t, str_printf("%s is not installed", t->arch->qemu));
}

static bool is_kernel(struct test *t)
{
	_cleanup_close_ int fd = open(t->in->kernel, O_RDONLY | O_CLOEXEC);
	char magic[5] = "";

	if (!str_eq(t->arch->machine, "x86_64"))
		return true;
	return (fd >= 0 && pread(fd, magic, 4, HEADER_AT) == 4 && str_eq(magic, HEADER_TEXT)) ||
	       skip(t, mem_strdup("its kernel is no bzImage"));
}

static bool has_driver(const struct test *t, const char *module)
{
	return initrd_contents_has_module(&t->initrd, module) || strv_has(t->in->builtin, module);
}

static bool find_bus(struct test *t)
{
	for (size_t i = 0; guest_buses[i].name && !t->bus; i++) {
		bool all = true;
		for (size_t k = 0; k < ARRAY_SIZE(guest_buses[i].modules) && guest_buses[i].modules[k]; k++)
			all = all && has_driver(t, guest_buses[i].modules[k]);
		if (all)
			t->bus = &guest_buses[i];
	}
	return t->bus ||
	       skip(t, mem_strdup(
	                       "neither kernel nor initrd has a driver of a disk that QEMU has (virtio_blk, "
	                       "nvme, ahci, ata_piix)"));
}

static bool look(struct test *t, struct err *e, int *ret_error)
{
	bool known = false;

	if (!find_arch(t) || !is_kernel(t))
		return false;
	if (!t->in->initrd)
		return skip(t, mem_strdup("it has no initrd"));
	*ret_error = initrd_read(t->in->initrd, &t->initrd, &known, e);
	if (*ret_error < 0)
		return false;
	if (!known || !t->initrd.fstab)
		return skip(t, mem_strdup("its initrd is not one of kernix's"));
	if (!t->in->builtin_known)
		return skip(t, mem_strdup("it does not say what is built into its kernel (modules.builtin)"));
	return find_bus(t);
}

// --- what the guest gets ---

// Words of the machine that a guest cannot follow, or that would hide what it says.
static bool is_dropped(const char *word)
{
	static const char *const names[] = {"quiet", "splash", "loglevel", "console", "earlyprintk",
	        "earlycon", "resume", "resume_offset", "rootdelay", "rootwait", "root", "rootfstype",
	        "rootflags", "panic", "reboot", "crashkernel", "mem", "memmap", "hugepages", "hugepagesz",
	        "default_hugepagesz", "movablecore", "kernelcore", "ip", "nfsroot", "netconsole", "kgdboc",
	        "kgdbwait", "kgdbcon", "boot.shell_on_fail", "boot.panic_on_fail", "boot.debug1",
	        "boot.debug1devices", "boot.debug1mounts", "boot.trace", "vga", "video"};
	size_t n = strcspn(word, "=");

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i]) == n && strncmp(names[i], word, n) == 0)
			return true;
	return false;
}

static char *guest_params(const struct test *t)
{
	_cleanup_strv_ char **words = cmdline_words(t->in->params);
	_cleanup_buf_ struct buf b = {0};

	strv_for_each (word, words)
		if (!is_dropped(word))
			buf_addf(&b, "%s ", word);
	buf_addf(&b, "loglevel=6 panic=-1 rootdelay=%d boot.panic_on_fail boot.debug1devices%s console=%s",
	        DEVICE_WAIT_S, t->arch->params, t->arch->console);
	return buf_steal(&b);
}

static int add_images(struct test *t, struct cpio *c, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < t->layout.image_count && r == 0; i++) {
		const struct layout_image *image = &t->layout.images[i];
		_cleanup_free_ char *path = str_printf(BOOTTEST_FILES_PATH "/%s", image->name);
		_cleanup_buf_ struct buf extents = {0};
		r = layout_image_make(&t->layout, image, &extents, e);
		if (r == 0)
			r = cpio_data(c, path, 0444, buf_str(&extents), extents.len, e);
	}
	return r;
}

static int add_texts(struct test *t, struct cpio *c, struct err *e)
{
	struct layout *l = &t->layout;
	struct buf *const texts[] = {&l->plan, &l->fstab, &l->storage};
	static const char *const paths[] = {BOOTTEST_PLAN_PATH, S1_FSTAB_PATH, S1_STORAGE_PATH};
	_cleanup_free_ char *key = mem_alloc(LAYOUT_KEY_BYTES);
	int r = cpio_data(c, BOOTTEST_PROGRAM_PATH, 0555, boottest_program, boottest_program_bytes, e);

	for (size_t i = 0; i < ARRAY_SIZE(texts) && r == 0; i++)
		r = cpio_data(c, paths[i], 0444, buf_str(texts[i]), texts[i]->len, e);
	// A guest has no network card; and what is a script in the initrd would be run by our program.
	if (r == 0)
		r = cpio_data(c, S1_NET_MAIN_PATH, 0444, "", 0, e);
	for (size_t i = 0; i < LAYOUT_KEY_BYTES; i++)
		key[i] = (char)(i * 7 + i / 256);
	return r == 0 && l->needs_key ? cpio_data(c, LAYOUT_KEY_PATH, 0400, key, LAYOUT_KEY_BYTES, e) : r;
}

// The initrd as it is, and an archive after it.
static int write_initrd(struct test *t, struct err *e)
{
	static const char zeros[512];
	_cleanup_cpio_ struct cpio *c = cpio_new();
	_cleanup_compress_ struct compress *out = NULL;
	_cleanup_buf_ struct buf old = {0};
	int r = add_texts(t, c, e);

	if (r == 0)
		r = add_images(t, c, e);
	mem_free(t->initrd_path);
	t->initrd_path = fs_join(t->dir, "initrd");
	if (r == 0)
		r = fs_read(t->in->initrd, 0, &old, e);
	_cleanup_close_ int fd =
	        r == 0 ? fs_open(t->initrd_path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600, e) : -1;
	if (r == 0 && fd < 0)
		return fd;
	if (r == 0)
		r = fs_write_all(fd, old.data, old.len, "the guest's initrd", e);
	if (r == 0)
		r = fs_write_all(fd, zeros, (size_t)(-old.len & 511), "the guest's initrd", e);
	if (r == 0)
		r = compress_open(fd, COMPRESS_NONE, 0, &out, e);
	if (r == 0)
		r = cpio_write(c, out, e);
	return r == 0 ? compress_finish(out, e) : r;
}

// --- running it ---

static bool kvm_may_work(const struct test *t)
{
	return access("/dev/kvm", R_OK | W_OK) == 0 && !keep_kvm_is_broken(t->kept_dir);
}

static int run_with(struct test *t, const char *accel, enum guest_end *ret, char **ret_failure, struct err *e)
{
	bool kvm = str_eq(accel, "kvm");
	struct guest_opts o = {.qemu = t->qemu,
	        .machine = t->arch->type,
	        .cpu = kvm ? "host" : "max",
	        .console = t->arch->console,
	        .accel = accel,
	        .kernel = t->in->kernel,
	        .initrd = t->initrd_path,
	        .params = t->params,
	        .bus = t->bus->name,
	        .dir = t->dir,
	        .disk_count = t->layout.disk_count,
	        .types = t->layout.encrypted,
	        .silence_s = t->in->limit_s ? t->in->limit_s
	                     : kvm          ? KVM_SILENCE_S
	                                    : TCG_SILENCE_S,
	        .limit_s = t->in->limit_s ? t->in->limit_s
	                   : kvm          ? KVM_LIMIT_S
	                                  : TCG_LIMIT_S};

	buf_clear(&t->console);
	mem_free(t->out->with);
	t->out->with = str_printf("%s, root: %s", kvm ? "KVM" : "without KVM", t->layout.kind);
	return guest_run(&o, ret, &t->console, ret_failure, &t->out->signal, e);
}

static int run_guest(struct test *t, enum guest_end *ret, char **ret_failure, struct err *e)
{
	int r = 0;

	*ret = GUEST_SILENT;
	if (kvm_may_work(t))
		r = run_with(t, "kvm", ret, ret_failure, e);
	if (r < 0 || (*ret != GUEST_SILENT && *ret != GUEST_NO_QEMU))
		return r;
	bool tried = t->out->with != NULL;
	r = run_with(t, "tcg", ret, ret_failure, e);
	if (r == 0 && tried && *ret == GUEST_STAGE2)
		keep_kvm_broken(t->kept_dir);
	return r;
}

// --- what came out ---

// What tells why a guest ended, the first cause before its consequences.
static const char *const last_words[] = {"stage 1 cannot start the system: ", "Kernel panic - not syncing: "};

// The last lines of the console; of one with last words the lines around them, for a stack of calls may
// follow.
static void take_console(struct test *t)
{
	_cleanup_free_ char *clean = term_clean_str(buf_str(&t->console), 0);
	_cleanup_strv_ char **lines = strv_split(clean, "\r\n"), **shown = NULL;
	size_t n = strv_len(lines), end = n;

	for (size_t k = 0; k < ARRAY_SIZE(last_words) && end == n; k++)
		for (size_t i = 0; i < n && end == n; i++)
			if (strstr(lines[i], last_words[k]))
				end = MIN(n, i + CONSOLE_LINES / 2);
	for (size_t i = end > CONSOLE_LINES ? end - CONSOLE_LINES : 0; i < end; i++)
		strv_add(&shown, lines[i]);
	t->out->console = shown ? strv_join(shown, "\n") : mem_strdup("(it said nothing)");
}

// The first line that has the text, from there on; owned, NULL: none.
static char *line_with(struct test *t, const char *text)
{
	_cleanup_free_ char *clean = term_clean_str(buf_str(&t->console), 0);
	const char *at = strstr(clean, text);

	return at ? mem_strndup(at, strcspn(at, "\r\n")) : NULL;
}

static char *why_it_died(struct test *t)
{
	static const char *const texts[] = {
	        "stage 1 cannot start the system: ", "Kernel panic - not syncing: "};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		char *line = line_with(t, texts[i]);
		if (line)
			return line;
	}
	return mem_strdup("it ended before stage 2");
}

static void fail(struct test *t, char *why)
{
	t->out->outcome = BOOTTEST_FAILED;
	t->out->why = why;
	take_console(t);
}

// True when it is to be tried once more, with a plain root.
static bool judge(struct test *t, enum guest_end end, char *failure)
{
	switch (end) {
	case GUEST_STAGE2:
		t->out->outcome = BOOTTEST_PASSED;
		return false;
	case GUEST_DIED:
		fail(t, why_it_died(t));
		return false;
	case GUEST_HANGS:
	case GUEST_SILENT:
		fail(t, str_printf("it hangs: stage 2 was not reached in %.0f seconds", t->out->seconds));
		return false;
	case GUEST_NO_LAYOUT:
		// What cryptsetup cannot open now it could not open at the next boot.
		if (str_has_prefix(failure, "luks: ") || str_has_prefix(failure, "mount: ")) {
			fail(t, str_printf("a disposable root cannot be used: %s", failure));
			return false;
		}
		if (t->out->note)
			skip(t, str_printf("a disposable root cannot be made: %s", failure));
		return !t->out->note;
	case GUEST_NO_QEMU:
		take_console(t);
		skip(t, str_printf("QEMU failed: %s", t->out->console));
		return false;
	case GUEST_UNCLEAR:
		skip(t, mem_strdup("the kernel does not take its command line from the boot loader, or has "
		                   "no serial console"));
		return false;
	case GUEST_SIGNAL:
		t->out->outcome = BOOTTEST_ENDED;
	}
	return false;
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// With one layout. *ret_again: another one is worth a try.
static int try_layout(struct test *t, bool plain, bool *ret_again, struct err *e)
{
	struct layout_opts o = {&t->initrd, t->in->params, plain, t->in->builtin};
	_cleanup_free_ char *name = NULL, *failure = NULL;
	enum guest_end end;
	double start = now_s();

	layout_release(&t->layout);
	layout_make(&o, &t->layout);
	if (t->layout.why_not) {
		skip(t, mem_strdup(t->layout.why_not));
		return 0;
	}
	if (t->layout.instead && !t->out->note)
		t->out->note =
		        str_printf("tested with a plain %s root: %s", t->layout.kind, t->layout.instead);
	_cleanup_free_ char *kind = str_printf("%s\n%s\n%s\n%s", t->layout.kind, t->bus->name,
	        buf_str(&t->layout.fstab), buf_str(&t->layout.storage));
	int r = keep_name(t->in, kind, &name, e);
	if (r < 0)
		return r;
	if (keep_has(t->kept_dir, name)) {
		t->out->outcome = BOOTTEST_KEPT;
		return 0;
	}
	if (t->in->on_start)
		t->in->on_start();
	r = write_initrd(t, e);
	if (r == 0)
		r = run_guest(t, &end, &failure, e);
	if (r < 0)
		return r;
	t->out->seconds = now_s() - start;
	*ret_again = judge(t, end, failure);
	if (*ret_again)
		t->out->note = str_printf("tested with a plain %s root: such a one cannot be made (%s)",
		        t->layout.images[0].type, failure);
	if (t->out->outcome == BOOTTEST_PASSED && end == GUEST_STAGE2)
		keep_add(t->kept_dir, name, t->out->with);
	return 0;
}

// QEMU stops a guest whose disk cannot be written: that would look like a kernel that hangs.
static int check_room(const char *dir, struct err *e)
{
	struct statvfs v;

	if (statvfs(dir, &v) < 0)
		return err_sys(e, errno, "looking for room below '%s'", dir);
	return (uint64_t)v.f_bavail * v.f_frsize >= ROOM_BYTES
	               ? 0
	               : err_set(e, -ENOSPC,
	                         "less than %llu MiB are free in '%s' (TMPDIR says another place)",
	                         ROOM_BYTES >> 20, dir);
}

static int test(struct test *t, struct err *e)
{
	bool again = false;
	int r = 0;

	if (!look(t, e, &r))
		return r;
	t->kept_dir = fs_join(t->in->state_dir, "kernix/boot-test");
	t->params = guest_params(t);
	r = fs_mkdtemp(temporary_dir(), "kernix-boot-test", &t->dir, e);
	if (r == 0)
		r = check_room(t->dir, e);
	if (r == 0)
		r = try_layout(t, false, &again, e);
	if (r == 0 && again)
		r = try_layout(t, true, &again, e);
	return r;
}

int boottest_run(const struct boottest_input *in, struct boottest_result *ret, struct err *e)
{
	struct test t = {.in = in, .out = ret};
	sigset_t wanted, before;

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGINT);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &wanted, &before); // until the guest and its files are gone
	int r = test(&t, e);
	test_release(&t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

void boottest_result_release(struct boottest_result *r)
{
	char *const owned[] = {r->why, r->with, r->note, r->console};

	for (size_t i = 0; i < ARRAY_SIZE(owned); i++)
		mem_free(owned[i]);
	*r = (struct boottest_result){0};
}
