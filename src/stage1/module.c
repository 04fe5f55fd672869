// SPDX-License-Identifier: GPL-2.0-or-later
// finit_module(2) on the files of the initrd, in the order of the table's plans.
#include "stage1/module.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OPTIONS_MAX_BYTES 4096
#define MATCHES_MAX       64

void loader_init(struct loader *l, const struct table *t, const struct cmdline *c, const struct say *s)
{
	size_t n = t->head ? t->head->module_count : 0;

	*l = (struct loader){.table = t, .cmdline = c, .say = s, .status = calloc(n + 1, sizeof(*l->status))};
	if (!l->status)
		abort();
}

void loader_release(struct loader *l)
{
	free(l->status);
	l->status = NULL;
}

const char *loader_reason_name(enum module_reason why)
{
	static const char *const names[] = {
	        [MODULE_BY_LIST] = "boot.initrd.kernelModules",
	        [MODULE_BY_DEVICE] = "device",
	        [MODULE_BY_FILESYSTEM] = "filesystem",
	        [MODULE_BY_KERNEL] = "kernel-request",
	};

	return names[why];
}

// Positive errno or 0.
static int insert_file(const char *path, const char *options)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	int error = syscall(SYS_finit_module, fd, options, 0) < 0 ? errno : 0;
	close(fd);
	return error == EEXIST ? 0 : error;
}

static void insert(struct loader *l, uint32_t index, enum module_reason why)
{
	const struct s1_module *m = &l->table->modules[index];
	struct module_status *st = &l->status[index];
	const char *name = table_string(l->table, m->name);
	char options[OPTIONS_MAX_BYTES];

	if (st->tried)
		return;
	int n = snprintf(options, sizeof(options), "%s", table_string(l->table, m->options));
	size_t len = n > 0 && (size_t)n < sizeof(options) - 1 ? (size_t)n : 0;
	if (len > 0)
		options[len++] = ' ';
	if (cmdline_module_options(l->cmdline, name, options + len, sizeof(options) - len) == 0 && len > 0)
		options[len - 1] = '\0';

	st->tried = true;
	st->reason = why;
	st->error = insert_file(table_string(l->table, m->path), options);
	// ENODEV: a driver that found that its hardware is not here; that is an answer, not a fault.
	if (st->error == ENODEV)
		say_info(l->say, "module %s: no device for it (%s)", name, loader_reason_name(why));
	else if (st->error)
		say_warn(l->say, "module %s: cannot load: %s%s (%s)", name, strerror(st->error),
		        st->error == ENOENT ? " (a symbol that it needs is missing; see the line above)" : "",
		        loader_reason_name(why));
	else
		say_info(l->say, "loaded module %s%s%s (%s)", name, *options ? " with " : "", options,
		        loader_reason_name(why));
	l->loaded_count += st->error == 0;
}

int loader_load(struct loader *l, uint32_t module, enum module_reason why)
{
	const struct s1_module *m = &l->table->modules[module];

	for (uint32_t i = 0; i < m->plan_count; i++)
		insert(l, l->table->plan[m->plan_first + i], why);
	return -l->status[module].error;
}

size_t loader_load_alias(struct loader *l, const char *alias, enum module_reason why)
{
	uint32_t match[MATCHES_MAX];
	size_t before = l->loaded_count;
	size_t n = table_match(l->table, alias, match, MATCHES_MAX);

	for (size_t i = 0; i < n; i++)
		if (!cmdline_blacklists(l->cmdline, table_string(l->table, l->table->modules[match[i]].name)))
			loader_load(l, match[i], why);
	return l->loaded_count - before;
}

void loader_load_list(struct loader *l)
{
	for (uint32_t i = 0; l->table->head && i < l->table->head->load_count; i++)
		loader_load(l, l->table->load[i], MODULE_BY_LIST);
}

void loader_report(const struct loader *l, const char *path)
{
	mkdir("/run/kernix", 0755);
	FILE *f = fopen(path, "we");

	for (uint32_t i = 0; f && l->table->head && i < l->table->head->module_count; i++)
		if (l->status[i].tried && l->status[i].error == 0)
			fprintf(f, "%s %s\n", table_string(l->table, l->table->modules[i].name),
			        loader_reason_name(l->status[i].reason));
	if (f)
		fclose(f);
}

static int modprobe_one(struct loader *l, const char *name, bool quiet)
{
	int index = table_find(l->table, name);
	uint32_t match[1];

	if (strchr(name, '=')) {
		fprintf(stderr, "modprobe: parameters come from the kernel command line here: MODULE.%s\n",
		        name);
		return -EINVAL;
	}
	if (index >= 0)
		return loader_load(l, (uint32_t)index, MODULE_BY_KERNEL);
	if (table_match(l->table, name, match, 1) == 0) {
		if (!quiet)
			fprintf(stderr, "modprobe: no module or alias '%s' in this initrd\n", name);
		return -ENOENT;
	}
	loader_load_alias(l, name, MODULE_BY_KERNEL);
	return 0;
}

static void cmdline_of_proc(struct cmdline *ret)
{
	char text[8192] = "";
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : 0;

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	cmdline_parse(text, ret);
}

int modprobe_main(int argc, char **argv)
{
	struct table t = {0};
	struct cmdline c;
	struct say s = {.kmsg_fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC)};
	struct loader l;
	bool quiet = false;
	int status = 0;

	cmdline_of_proc(&c);
	int r = table_open(S1_TABLE_PATH, &t);
	if (r < 0 && r != -ENOENT)
		fprintf(stderr, "modprobe: %s: not a module table\n", S1_TABLE_PATH);
	loader_init(&l, &t, &c, &s);
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-')
			quiet = quiet || strcmp(argv[i], "-q") == 0;
		else if (modprobe_one(&l, argv[i], quiet) < 0)
			status = 1;
	}
	loader_release(&l);
	table_close(&t);
	cmdline_release(&c);
	return status;
}
