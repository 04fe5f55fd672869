// SPDX-License-Identifier: GPL-2.0-or-later
// kernix hardware: a report of this machine as JSON, which is committed beside its configuration, and from
// which its kernel and initrd are made on any machine.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/machine.h"

enum { OPT_ROOT, OPT_OUT, OPT_FROM, OPT_HELP };

static const struct opt_row rows[] = {
        {"--root", NULL, 1, OPT_ROOT, "DIR", "the system that is mounted below DIR"},
        {"--output", "-o", 1, OPT_OUT, "FILE", "where it is written (default: standard output)"},
        {"--from", NULL, 1, OPT_FROM, "DIR", "another machine: its proc, sys and dev are in DIR"},
        {"--help", "-h", 0, OPT_HELP, NULL, "this text"},
        {NULL, NULL, 0, 0, NULL, NULL},
};

struct hardware_args {
	const char *root, *out, *from;
	bool help;
};

static int take(void *ctx, const struct opt_row *row, char **args, struct err *e)
{
	struct hardware_args *a = ctx;

	if (!row) {
		err_set(e, -EINVAL, "unexpected word '%s'", args[0]);
		return err_hint(e, "Drivers for this machine's devices: kernix config hardware.");
	}
	const char **strings[] = {[OPT_ROOT] = &a->root, [OPT_OUT] = &a->out, [OPT_FROM] = &a->from};
	if (row->id == OPT_HELP)
		a->help = true;
	else
		*strings[row->id] = args[0];
	return 0;
}

static int report(const struct hardware_args *a, struct err *e)
{
	_cleanup_(machine_release) struct machine m = {0};
	_cleanup_free_ char *from = NULL;
	int r = a->from ? fs_absolute(a->from, &from, e) : 0;

	if (r == 0 && from && !fs_is_dir(from))
		r = err_set(e, -ENOENT, "there is no folder '%s'", from);
	if (r == 0)
		r = machine_read(from ? from : "", a->root ? a->root : "", true, &m, e);
	if (r < 0)
		return r;
	_cleanup_free_ char *text = machine_report(&m);
	if (!m.log_read)
		log_warn("the kernel's log cannot be read: which firmware drivers asked for is not in the "
		         "report");
	if (!m.device_count)
		log_warn("%s/sys/devices names no device", from ? from : "");
	if (a->out && strcmp(a->out, "-"))
		return fs_write_atomic(a->out, text, strlen(text), 0644, e);
	return fs_write_all(1, text, strlen(text), "standard output", e);
}

int cmd_hardware(int argc, char **argv)
{
	struct hardware_args a = {0};
	_cleanup_err_ struct err e = {0};
	int r = opt_parse(rows, argc, argv, take, &a, &e);

	if (r == 0 && a.help) {
		_cleanup_free_ char *help = opt_help(rows);
		printf("Usage: kernix hardware [OPTION]...\n\nA report of this machine's hardware: devices "
		       "with "
		       "drivers and firmware, processor, platform, how it\nboots and what its file systems "
		       "lie on; "
		       "without serial numbers, addresses and names.\nhardware.kernix.report = "
		       "./hardware.json; and 'kernix config trim --hardware FILE' take it.\n\n%s",
		        help);
	} else if (r == 0) {
		r = report(&a, &e);
	}
	return r < 0 ? cmd_fail(&e) : 0;
}
