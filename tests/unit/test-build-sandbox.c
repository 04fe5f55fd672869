// SPDX-License-Identifier: GPL-2.0-or-later
// The sandbox by itself: what a builder sees, what it cannot do, and that nothing of it is left.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/sandbox.h"

struct fixture {
	char *dir, *store, *out, *tmp, *build;
	struct sandbox_filter *filter;
	struct sandbox_ids ids;
};

#define IN_A "/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-in"
#define IN_B "/nix/store/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-file"

static char *sub(struct fixture *f, const char *name, mode_t mode)
{
	char *path = fs_join(f->dir, name);

	assert_int_equal(mkdir(path, mode), 0);
	if (!f->ids.own)
		assert_int_equal(chown(path, f->ids.uid, f->ids.gid), 0);
	return path;
}

static int setup(void **state)
{
	struct fixture *f = NEW(struct fixture);
	_cleanup_err_ struct err e = {0};

	assert_int_equal(fs_mkdtemp("/tmp", "sandbox-test", &f->dir, &e), 0);
	sandbox_ids(&f->ids);
	f->store = sub(f, "store", 0755);
	f->out = sub(f, "out", 0755);
	f->tmp = sub(f, "tmp", 0777);
	f->build = sub(f, "build", 0700);
	_cleanup_free_ char *in = str_printf("%s/%s", f->store, &IN_A[11]);
	_cleanup_free_ char *file = str_printf("%s/%s", f->store, &IN_B[11]);
	_cleanup_free_ char *hidden = str_printf("%s/cccccccccccccccccccccccccccccccc-hidden", f->store);
	assert_int_equal(mkdir(in, 0755), 0);
	assert_int_equal(mkdir(hidden, 0755), 0);
	assert_int_equal(fs_write_atomic(file, "hello\n", 6, 0444, &e), 0);
	assert_int_equal(sandbox_filter_new(&f->filter, &e), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	_cleanup_err_ struct err e = {0};

	fs_rm_rf(f->dir, &e);
	sandbox_filter_free(f->filter);
	mem_free(f->dir);
	mem_free(f->store);
	mem_free(f->out);
	mem_free(f->tmp);
	mem_free(f->build);
	mem_free(f);
	return 0;
}

static struct sandbox_spec spec_for(struct fixture *f, char *const *inputs)
{
	return (struct sandbox_spec){
	        .store_dir = "/nix/store",
	        .store_real_dir = f->store,
	        .inputs = inputs,
	        .out_dir = f->out,
	        .tmp_dir = f->tmp,
	        .build_dir = f->build,
	        .system = "x86_64-linux",
	        .filter = f->filter,
	        .ids = f->ids,
	        .log_fd = -1,
	};
}

// Runs the script and gives its output; returns the wait status.
static int run(struct fixture *f, bool network, const char *script, struct buf *out)
{
	_cleanup_err_ struct err e = {0};
	char *inputs[] = {(char *)IN_A, (char *)IN_B, NULL};
	char *argv[] = {(char *)"sh", (char *)"-c", (char *)script, NULL};
	char *env[] = {(char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
	struct sandbox_spec spec = spec_for(f, inputs);
	struct sandbox_proc proc;
	int pipes[2], status = -1;

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	spec.log_fd = pipes[1];
	spec.network = network;
	spec.program = "/bin/sh";
	spec.argv = argv;
	spec.env = env;
	int r = sandbox_start(&spec, &proc, &e);
	close(pipes[1]);
	if (r < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(fs_read_fd(pipes[0], "log", 0, out, &e), 0);
	close(pipes[0]);
	if (sandbox_reap(&proc, &status, &e) < 0)
		fail_msg("%s", e.msg);
	return status;
}

static void expect(void **state, bool network, const char *script, const char *wanted)
{
	_cleanup_buf_ struct buf out = {0};
	int status = run(*state, network, script, &out);

	assert_string_equal(buf_str(&out), wanted);
	assert_int_equal(status, 0);
}

static void test_identity(void **state)
{
	expect(state, false, "id -u; id -g; hostname; cat /proc/sys/kernel/domainname; pwd; echo $$; umask",
	        "1000\n100\nlocalhost\n(none)\n/build\n2\n0022\n");
	expect(state, false, "id -un; id -gn; getent hosts localhost >/dev/null && echo ok",
	        "nixbld\nnixbld\nok\n");
	expect(state, false,
	        "grep -E '^(CapEff|CapPrm|NoNewPrivs|Seccomp):' /proc/self/status | tr -s '\\t' ' '",
	        "CapPrm: 0000000000000000\nCapEff: 0000000000000000\nNoNewPrivs: 1\nSeccomp: 2\n");
}

// Nothing that the caller ignores is ignored by a builder, signals 32 and 33 included, which libc keeps for
// itself.
static void test_signals(void **state)
{
	unsigned long ignored[8] = {(unsigned long)SIG_IGN}, before[2][8];
	_cleanup_buf_ struct buf out = {0};
	long r = 0;

	for (int sig = 32; sig <= 33; sig++)
		r |= syscall(SYS_rt_sigaction, sig, ignored, before[sig - 32], (NSIG - 1) / 8);
	int status = run(*state, false, "grep SigIgn /proc/self/status", &out);
	for (int sig = 32; sig <= 33; sig++)
		r |= syscall(SYS_rt_sigaction, sig, before[sig - 32], NULL, (NSIG - 1) / 8);
	assert_int_equal(r, 0);
	assert_string_equal(buf_str(&out), "SigIgn:\t0000000000000000\n");
	assert_int_equal(status, 0);
}

static void test_files(void **state)
{
	expect(state, false, "echo /* | sed -E 's#/lib(32|x32|64) ##g'",
	        "/bin /build /dev /etc /lib /nix /proc /sbin /tmp /usr\n");
	expect(state, false, "echo /nix/store/*", IN_A " " IN_B "\n");
	expect(state, false, "cat " IN_B "; touch " IN_A "/x 2>&1 | sed s/.*:.//",
	        "hello\nRead-only file system\n");
	expect(state, false, "ls /etc; ls /tmp /build | wc -l",
	        "alternatives\ngroup\nhosts\nld.so.cache\nnsswitch.conf\npasswd\n3\n");
	expect(state, false, "touch /x /usr/x /etc/x 2>/dev/null || echo no", "no\n");
	expect(state, false,
	        "echo a > /tmp/a; echo b > /dev/shm/b; cat /tmp/a /dev/shm/b; head -c3 /dev/zero | wc -c",
	        "a\nb\n3\n");
	expect(state, false, "env | sort", "PATH=/usr/sbin:/usr/bin:/sbin:/bin\nPWD=/build\n");
	expect(state, false, "ls /proc/self/fd | wc -l; set -- /proc/[0-9]*; echo $#", "4\n2\n");
}

static void test_network(void **state)
{
	expect(state, false, "tail -n+3 /proc/net/dev | wc -l; cat /proc/net/if_inet6 | cut -c1-32",
	        "1\n00000000000000000000000000000001\n");
	expect(state, true, "test -e /etc/services && echo services", "services\n");
}

static void test_setuid(void **state)
{
	expect(state, false,
	        "touch a; chmod 4755 a 2>/dev/null; echo $?; chmod 2755 a 2>/dev/null; echo $?; chmod 755 a; "
	        "stat -c %a a",
	        "1\n1\n755\n");
}

// A daemon that left its session must not outlive the builder.
static void test_leftovers(void **state)
{
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	expect(state, false, "setsid sleep 1234567 >/dev/null 2>&1 & echo done", "done\n");
	clock_gettime(CLOCK_MONOTONIC, &b);
	assert_true(b.tv_sec - a.tv_sec < 5);
	assert_int_not_equal(system("pgrep -f 'sleep 123456[7]' >/dev/null"), 0);
}

static void test_status(void **state)
{
	_cleanup_buf_ struct buf out = {0};
	int status = run(*state, false, "exit 7", &out);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	status = run(*state, false, "kill -TERM $$; sleep 5", &out);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void test_missing_input(void **state)
{
	struct fixture *f = *state;
	_cleanup_err_ struct err e = {0};
	char *inputs[] = {(char *)"/nix/store/dddddddddddddddddddddddddddddddd-gone", NULL};
	struct sandbox_spec spec = spec_for(f, inputs);
	struct sandbox_proc proc;
	char *argv[] = {(char *)"true", NULL};
	int status;

	spec.log_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	spec.program = "/bin/true";
	spec.argv = spec.env = argv;
	assert_int_equal(sandbox_start(&spec, &proc, &e), 0);
	assert_int_equal(sandbox_reap(&proc, &status, &e), -EIO);
	assert_non_null(strstr(e.msg, "dddddddddddddddddddddddddddddddd-gone"));
	close(spec.log_fd);
}

static void *thread_churns(void *ctx)
{
	volatile bool *stop = ctx;

	while (!*stop)
		free(malloc(1 << 10));
	return NULL;
}

// Other threads hold locks of the C library at any moment: the sandbox must not inherit one.
static void test_threads(void **state)
{
	volatile bool stop = false;
	pthread_t threads[2];

	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, thread_churns, (void *)&stop), 0);
	for (int i = 0; i < 10; i++)
		expect(state, false, "echo $$; id -u", "2\n1000\n");
	stop = true;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
}

// A builder that got hold of a Unix socket all the same: Landlock keeps it from the host's.
static int connect_out(void *ctx)
{
	const struct sockaddr_un *to = ctx;
	bool done = connect(1, (const struct sockaddr *)to, sizeof(*to)) == 0;

	return done ? 0 : errno;
}

static int connect_from_inside(struct fixture *f, bool network, struct sockaddr_un *to)
{
	_cleanup_err_ struct err e = {0};
	struct sandbox_spec spec = spec_for(f, NULL);
	struct sandbox_proc proc;
	int status;

	spec.log_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	spec.network = network;
	spec.run = connect_out;
	spec.run_ctx = to;
	assert_int_equal(sandbox_start(&spec, &proc, &e), 0);
	assert_int_equal(sandbox_reap(&proc, &status, &e), 0);
	close(spec.log_fd);
	return WEXITSTATUS(status);
}

static void test_landlock(void **state)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path + 1, sizeof(to.sun_path) - 1, "kernix-test-%d", (int)getpid());
	assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	// Without a network a socket of the host's that is brought along still reaches it.
	assert_int_equal(connect_from_inside(*state, false, &to), 0);
	if (sandbox_landlock_abi() < 6)
		print_message(
		        "skipped: this kernel's Landlock (ABI %d) has no scopes\n", sandbox_landlock_abi());
	else
		assert_int_equal(connect_from_inside(*state, true, &to), EPERM);
	close(fd);
}

static int run_overlay(struct fixture *f, struct sandbox_overlay *o, const char *script, struct buf *out)
{
	_cleanup_err_ struct err e = {0};
	char *argv[] = {(char *)"sh", (char *)"-c", (char *)script, NULL};
	struct sandbox_spec spec = spec_for(f, NULL);
	struct sandbox_proc proc;
	int pipes[2], status = -1;

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	spec.log_fd = pipes[1];
	spec.program = "/bin/sh";
	spec.argv = argv;
	spec.env = argv;
	spec.overlays = o;
	spec.n_overlays = 1;
	int r = sandbox_start(&spec, &proc, &e);
	close(pipes[1]);
	if (r == 0) {
		assert_int_equal(fs_read_fd(pipes[0], "log", 0, out, &e), 0);
		r = sandbox_reap(&proc, &status, &e);
	}
	close(pipes[0]);
	if (r < 0)
		print_message("%s\n", e.msg);
	return r < 0 ? r : status;
}

// What the builder writes, removes and appends is in the upper layer, the lower one stays as it is, and the
// layers themselves are not to be seen.
static void test_overlay(void **state)
{
	struct fixture *f = *state;
	_cleanup_buf_ struct buf out = {0};
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *lower = fs_join(f->store, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-in");
	_cleanup_free_ char *own = sub(f, "own", 0700), *upper = sub(f, "own/upper", 0700);
	_cleanup_free_ char *work = sub(f, "own/work", 0700);
	_cleanup_free_ char *changed = fs_join(lower, "d/changed"), *gone = fs_join(lower, "d/gone");
	_cleanup_free_ char *folder = fs_join(lower, "d"), *white = fs_join(upper, "d/gone");
	_cleanup_free_ char *up = fs_join(upper, "d/changed"), *kept = fs_join(upper, "d/kept");
	_cleanup_free_ char *low_kept = fs_join(lower, "d/kept");
	struct sandbox_overlay o = {.lower = lower, .upper = upper, .work = work, .target = "/build/tree"};
	struct stat st;

	assert_int_equal(mkdir(folder, 0755), 0);
	assert_int_equal(fs_write_atomic(changed, "one\n", 4, 0444, &e), 0);
	assert_int_equal(fs_write_atomic(low_kept, "kept\n", 5, 0444, &e), 0);
	assert_int_equal(fs_write_atomic(gone, "x\n", 2, 0444, &e), 0);
	assert_int_equal(chmod(folder, 0555), 0);
	assert_int_equal(
	        run_overlay(f, &o,
	                "cd tree && chmod u+w . d d/changed && echo two >>d/changed && "
	                "rm d/gone && ls d && cat d/changed && echo new >d/new && ls -A / | grep over",
	                &out),
	        256); // grep
	assert_string_equal(buf_str(&out), "changed\nkept\none\ntwo\n");
	buf_clear(&out);
	assert_int_equal(fs_read(changed, 0, &out, &e), 0);
	assert_string_equal(buf_str(&out), "one\n");
	buf_clear(&out);
	assert_int_equal(fs_read(up, 0, &out, &e), 0);
	assert_string_equal(buf_str(&out), "one\ntwo\n");
	assert_int_equal(lstat(up, &st), 0);
	assert_int_equal(st.st_uid, f->ids.uid);
	assert_int_equal(lstat(gone, &st), 0);
	assert_int_equal(lstat(white, &st), 0);
	assert_true(S_ISCHR(st.st_mode) && st.st_rdev == 0);
	assert_int_equal(lstat(kept, &st), -1);
	assert_int_equal(chmod(folder, 0755), 0);
}

// Where there can be none the error says so by a code of its own.
static void test_overlay_none(void **state)
{
	struct fixture *f = *state;
	_cleanup_buf_ struct buf out = {0};
	_cleanup_free_ char *upper = sub(f, "upper", 0700), *file = fs_join(f->dir, "file");
	_cleanup_err_ struct err e = {0};
	struct sandbox_overlay o = {.lower = f->store, .upper = upper, .work = file, .target = "/build/tree"};

	assert_int_equal(fs_write_atomic(file, "", 0, 0644, &e), 0); // a work folder that is none
	assert_int_equal(run_overlay(f, &o, ":", &out), -EOPNOTSUPP);
	o.lower = file;
	assert_int_equal(run_overlay(f, &o, ":", &out), -ENOTDIR);
}

// The reason is the whole text: pid 1's report comes behind it in the same pipe.
static void test_reason(void **state)
{
	struct fixture *f = *state;
	_cleanup_err_ struct err e = {0};
	struct sandbox_spec spec = spec_for(f, NULL);
	struct sandbox_proc proc;
	char *argv[] = {(char *)"none", NULL};
	int status;

	spec.log_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	spec.program = "/build/none";
	spec.argv = spec.env = argv;
	assert_int_equal(sandbox_start(&spec, &proc, &e), 0);
	assert_int_equal(sandbox_reap(&proc, &status, &e), -EIO);
	assert_string_equal(e.msg, "executing '/build/none': No such file or directory");
	close(spec.log_fd);
}

static void test_speed(void **state)
{
	struct timespec a, b;
	const int n = 20;

	clock_gettime(CLOCK_MONOTONIC, &a);
	for (int i = 0; i < n; i++)
		expect(state, false, ":", "");
	clock_gettime(CLOCK_MONOTONIC, &b);
	double ms = ((double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6) / n;
	print_message("one sandbox: %.2f ms\n", ms);
	assert_true(ms < 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_identity, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_signals, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_files, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_network, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_setuid, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_leftovers, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_status, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_missing_input, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_threads, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_landlock, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_reason, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_overlay, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_overlay_none, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_speed, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
