// SPDX-License-Identifier: GPL-2.0-or-later
// The counter through U-Boot's own programs: they know where on the machine the environment is.
#include <errno.h>
#include <string.h>
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "boot/uboot-env.h"

#define LIMIT_MS    20000
#define LIMIT_BYTES (1 << 20)

static const char *value_of(char *const *lines, const char *name)
{
	strv_for_each (line, lines) {
		const char *rest = str_after(line, name);
		if (rest && *rest == '=')
			return rest + 1;
	}
	return "";
}

static unsigned number_of(char *const *lines, const char *name)
{
	uint64_t n = 0;

	return str_to_u64(value_of(lines, name), &n) == 0 && n < 1000 ? (unsigned)n : 0;
}

int uboot_count_read(struct uboot_count *ret, const char **ret_why, struct err *e)
{
	char *argv[] = {(char *)"fw_printenv", NULL};
	_cleanup_buf_ struct buf text = {0}, said = {0};
	struct proc_opts o = {.out = &text, .err = &said, .timeout_ms = LIMIT_MS, .limit_bytes = LIMIT_BYTES};
	_cleanup_free_ char *program = proc_which(argv[0]);
	int status = 1;

	*ret = (struct uboot_count){0};
	*ret_why = "there is no fw_printenv (u-boot-tools), so U-Boot's environment cannot be read";
	int r = program ? proc_run(argv, &o, &status, e) : 0;
	if (r < 0 || !program)
		return r;
	_cleanup_strv_ char **lines = strv_split(buf_str(&text), "\n");
	*ret_why = "fw_printenv cannot read U-Boot's environment (/etc/fw_env.config)";
	if (status != 0)
		return 0;
	*ret_why =
	        "U-Boot's environment has no bootlimit, bootcount and an altbootcmd with " UBOOT_NORMAL_CONF;
	ret->limit = number_of(lines, "bootlimit");
	ret->done = number_of(lines, "bootcount");
	ret->on = number_of(lines, "upgrade_available") != 0;
	ret->ready = ret->limit && *value_of(lines, "bootcount") &&
	             strstr(value_of(lines, "altbootcmd"), UBOOT_NORMAL_CONF);
	return 0;
}

int uboot_count_write(unsigned tries, struct err *e)
{
	char *argv[] = {(char *)"fw_setenv", (char *)"-s", (char *)"/dev/stdin", NULL};
	_cleanup_free_ char *limit = tries ? str_printf("bootlimit %u\n", tries) : mem_strdup(""),
	                    *script =
	                            str_printf("bootcount 0\nupgrade_available %d\n%s", tries ? 1 : 0, limit);
	struct proc_opts o = {.input = script, .input_len = strlen(script), .timeout_ms = LIMIT_MS};

	return proc_run_ok(argv, &o, e);
}
