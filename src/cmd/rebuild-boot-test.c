// SPDX-License-Identifier: GPL-2.0-or-later
// What nixos-rebuild asks before it installs a system: is it known not to start, and does it come up in QEMU?

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/bootspec.h"
#include "boot/boottest.h"
#include "boot/startable.h"
#include "cmd/rebuild.h"
#include "store/store.h"

int rebuild_refuse(struct rebuild *rb, const char *toplevel, bool dry, struct err *e)
{
	_cleanup_bootspec_ struct bootspec spec = {0};
	_cleanup_strv_ char **reasons = NULL;
	int r = bootspec_read(rb->t.store, toplevel, &spec, e);

	if (r == 0)
		r = startable_reasons(rb->t.store, &spec, &reasons, e);
	if (r < 0 || !reasons)
		return r;
	if (rb->force || dry) {
		strv_for_each (reason, reasons)
			log_warn("this system cannot start: %s", reason);
		return 0;
	}
	_cleanup_free_ char *list = strv_join(reasons, "\n- ");
	err_set(e, -EINVAL, "this system cannot start, so nothing was changed:\n- %s", list);
	return err_hint(e,
	        "With --force it is taken nevertheless. 'nixos-rebuild build' and 'nixos-rebuild build-vm' "
	        "are not refused.");
}

static int fail(const struct boottest_result *t, struct err *e)
{
	_cleanup_strv_ char **lines = strv_split(t->console, "\n");
	_cleanup_free_ char *text = strv_join(lines, "\n    ");

	err_set(e, -EIO,
	        "the new kernel does not come up in QEMU (%s), so nothing was changed: %s\nthe last lines of "
	        "its console:\n    %s",
	        t->with, t->why, text);
	return err_hint(e, "With --no-boot-test it is installed nevertheless (boot.kernix.bootTest.enable = "
	                   "false: always); "
	                   "--boot-test-timeout gives it more time.");
}

// A signal that came meanwhile does now what it always does.
static int take_signal(int signal, struct err *e)
{
	raise(signal);
	return err_set(e, -EINTR, "interrupted; nothing was changed");
}

static int say(const struct boottest_result *t, struct err *e)
{
	if (t->note && t->outcome != BOOTTEST_SKIPPED)
		log_warn("boot test: %s", t->note);
	switch (t->outcome) {
	case BOOTTEST_PASSED:
		log_note("boot test: the new kernel came up in %.1f seconds (%s)", t->seconds, t->with);
		return 0;
	case BOOTTEST_KEPT:
		log_note("boot test: this kernel and initrd came up before");
		return 0;
	case BOOTTEST_SKIPPED:
		log_note("boot test: not done: %s", t->why);
		return 0;
	case BOOTTEST_FAILED:
		return fail(t, e);
	case BOOTTEST_ENDED:
		break;
	}
	return take_signal(t->signal, e);
}

static void say_start(void)
{
	log_note("boot test: the new kernel is started in QEMU (--no-boot-test leaves that out) ...");
}

int rebuild_boot_test(
        struct rebuild *rb, const char *toplevel, const struct boot_plan *plan, const char *id, struct err *e)
{
	_cleanup_bootspec_ struct bootspec spec = {0};
	_cleanup_boottest_ struct boottest_result result = {0};
	_cleanup_strv_ char **builtin = NULL;
	_cleanup_err_ struct err why = {0};
	struct boottest_input in = {.on_start = say_start, .state_dir = store_state_dir(rb->t.store)};
	const struct boot_item *item = boot_plan_item(plan, id);
	int r = item && !rb->no_boot_test ? bootspec_read(rb->t.store, toplevel, &spec, e) : 1;

	if (r == 0 && !spec.untested)
		r = startable_builtin(rb->t.store, toplevel, &builtin, &in.builtin_known, e);
	if (r != 0 || spec.untested)
		return MIN(r, 0);
	in.kernel = spec.kernel; // as it was built: what is signed, or in an image with others, starts the same
	in.initrd = spec.initrd;
	in.params = item->params;
	in.system = spec.system;
	in.builtin = builtin;
	in.limit_s = rb->test_limit_s ? rb->test_limit_s : spec.test_limit_s;
	// No disposable root (a mkfs that fails, no room) says nothing of the kernel: it goes on trial as it is.
	if (boottest_run(&in, &result, &why) < 0) {
		log_warn("boot test: not done: %s", why.msg);
		return 0;
	}
	return say(&result, e);
}
