// SPDX-License-Identifier: GPL-2.0-or-later
// Module closures and whole initrds over a small module tree that the test compiles and indexes with the real
// depmod.
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "boot/initrd.h"
#include "stage1/table.h"

// name:exports:needs:modinfo entries separated by '|'
static const char *const module_rows[] = {
        "core:core_fn::",
        "mid-dle:mid_fn:core_fn:softdep=pre: helper",
        ("leaf::mid_fn:alias=pci:v00001AF4d*|alias=fs-leaf|firmware=leaf/one.bin|firmware=leaf/"
         "many-*.bin|softdep=pre: cipher post: after"),
        "helper:::",
        "after::core_fn:",
        "cipher_a:::alias=cipher",
        "cipher_b:::alias=cipher",
        "lonely:::alias=usb:v1234*|weakdep=helper",
        "loop_x::loopy_fn:softdep=post: loop_y",
        "loop_y:loopy_fn::softdep=post: loop_x",
};

static void shell(const char *script)
{
	_cleanup_err_ struct err e = {0};
	char *argv[] = {(char *)"sh", (char *)"-ec", (char *)script, NULL};

	if (proc_run_ok(argv, &(struct proc_opts){0}, &e) < 0)
		fail_msg("%s\n%s", e.msg, script);
}

// Assembler for one module: exported and needed symbols as depmod sees them, and its .modinfo.
static char *assembler(const char *row)
{
	struct buf b = {0};
	_cleanup_free_ char *copy = mem_strdup(row);
	char *part[4] = {copy};

	for (int i = 1; i < 4; i++) {
		part[i] = part[i - 1] + strcspn(part[i - 1], ":");
		*part[i]++ = '\0';
	}
	_cleanup_strv_ char **info = strv_split(part[3], "|");
	buf_addf(&b, ".section .modinfo,\"a\"\n.asciz \"name=%s\"\n", part[0]);
	strv_for_each (s, info)
		buf_addf(&b, ".asciz \"%s\"\n", s);
	if (*part[1])
		buf_addf(&b,
		        ".section __ksymtab_strings,\"a\"\n.asciz \"%s\"\n.text\n.globl %s\n%s: .long 0\n"
		        ".section __ksymtab,\"a\"\n.globl __ksymtab_%s\n__ksymtab_%s: .quad 0\n",
		        part[1], part[1], part[1], part[1], part[1]);
	if (*part[2])
		buf_addf(&b, ".data\n.%s %s\n", sizeof(long) == 8 ? "quad" : "long", part[2]);
	return buf_steal(&b);
}

static int setup(void **state)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_buf_ struct buf script = {0};
	char *dir;

	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	if (fs_mkdtemp("/tmp", "test-modclosure", &dir, &e) < 0)
		return -1;
	*state = dir;
	buf_addf(&script, "cd %s; mkdir -p t/lib/modules/9.9/kernel/x fw/lib/firmware/leaf\n", dir);
	buf_adds(&script,
	        "for n in one.bin many-1.bin.xz many-2.bin other; do echo $n "
	        ">fw/lib/firmware/leaf/$n; done\n"
	        "cd fw/lib/firmware/leaf; mv many-1.bin.xz m; xz --check=crc32 -c m >many-1.bin.xz; rm m; "
	        "cd ../../../..\n");
	for (size_t i = 0; i < ARRAY_SIZE(module_rows); i++) {
		_cleanup_free_ char *text = assembler(module_rows[i]);
		_cleanup_free_ char *source = str_printf("%s/%zu.s", dir, i);

		if (fs_write_atomic(source, text, strlen(text), 0644, &e) < 0)
			return -1;
		buf_addf(&script, "as -o t/lib/modules/9.9/kernel/x/%.*s.ko %zu.s\n",
		        (int)strcspn(module_rows[i], ":"), module_rows[i], i);
	}
	buf_adds(&script,
	        "xz --check=crc32 t/lib/modules/9.9/kernel/x/leaf.ko; zstd -q --rm "
	        "t/lib/modules/9.9/kernel/x/core.ko\n"
	        "echo kernel/fs/builtin_one.ko >t/lib/modules/9.9/modules.builtin\n"
	        "printf 'builtin_one.alias=fs-one\\0builtin_one.firmware=leaf/other\\0' "
	        ">t/lib/modules/9.9/modules.builtin.modinfo\n"
	        "ls t/lib/modules/9.9/kernel/x | sed s,^,kernel/x/, >t/lib/modules/9.9/modules.order\n"
	        "printf "
	        "'CONFIG_BLK_DEV_INITRD=y\\nCONFIG_BINFMT_ELF=y\\nCONFIG_PROC_FS=y\\nCONFIG_SYSFS=y\\nCONFIG_"
	        "DEVTMPFS=y\\n"
	        "CONFIG_MODULES=y\\nCONFIG_RD_GZIP=y\\n# CONFIG_SATA_GADGET is not set\\n# CONFIG_RD_ZSTD is "
	        "not set\\n' >config\n"
	        "depmod -b t 9.9; echo init >s1\n");
	shell(buf_str(&script));
	return 0;
}

static int teardown(void **state)
{
	_cleanup_err_ struct err e = {0};
	int r = fs_rm_rf(*state, &e);

	mem_free(*state);
	return r;
}

static int close_names(const char *dir, const char *const *names, struct modclosure *ret, struct err *e)
{
	_cleanup_free_ char *tree = fs_join(dir, "t"), *config = fs_join(dir, "config");
	struct modroot roots[8];
	size_t n = 0;

	for (; names[n]; n++)
		roots[n] = (struct modroot){names[n], "boot.initrd.kernelModules", names[n][0] == 'O'};
	return modclosure_build(
	        &(struct modclosure_spec){
	                .tree = tree, .roots = roots, .root_count = n, .kernel_config = config},
	        ret, e);
}

static char *plan_of(const struct modclosure *c, const char *name)
{
	struct closure_module *m = modclosure_find(c, name);
	struct buf b = {0};

	assert_non_null(m);
	for (size_t i = 0; i < m->plan_len; i++)
		buf_addf(&b, "%s%s", i ? " " : "", c->modules[m->plan[i]].name);
	return buf_steal(&b);
}

static void test_plans(void **state)
{
	_cleanup_err_ struct err e = {0};
	struct modclosure c = {0};
	const char *const names[] = {"leaf", NULL};

	if (close_names(*state, names, &c, &e) < 0)
		fail_msg("%s", e.msg);
	assert_string_equal(c.version, "9.9");
	assert_int_equal(c.count, 7);
	_cleanup_free_ char *leaf = plan_of(&c, "leaf"), *mid = plan_of(&c, "mid_dle"),
	                    *core = plan_of(&c, "core");
	assert_string_equal(leaf, "core helper mid_dle cipher_a cipher_b leaf after");
	assert_string_equal(mid, "core helper mid_dle");
	assert_string_equal(core, "core");
	assert_int_equal(strv_len(modclosure_find(&c, "leaf")->firmware), 2);
	modclosure_release(&c);
}

static void test_cycle_and_weak(void **state)
{
	_cleanup_err_ struct err e = {0};
	struct modclosure c = {0};
	const char *const names[] = {"loop-x", "usb:v1234p1", "fs-one", "builtin-one", "Optional", NULL};

	if (close_names(*state, names, &c, &e) < 0)
		fail_msg("%s", e.msg);
	_cleanup_free_ char *x = plan_of(&c, "loop_x"), *lonely = plan_of(&c, "lonely");
	assert_string_equal(x, "loop_y loop_x");
	assert_string_equal(lonely, "lonely"); // a weak dependency is there but not loaded
	assert_non_null(modclosure_find(&c, "helper"));
	assert_true(strv_has(c.builtin, "fs-one") && strv_has(c.builtin, "builtin-one"));
	assert_true(strv_has(c.absent, "Optional"));
	assert_true(strv_has(c.builtin_firmware, "leaf/other"));
	modclosure_release(&c);
}

static void test_unknown(void **state)
{
	_cleanup_err_ struct err e = {0};
	struct modclosure c = {0};
	const char *const near[] = {"laef", NULL}, *const option[] = {"gadget", NULL};

	assert_int_equal(close_names(*state, near, &c, &e), -ENOENT);
	assert_string_equal(e.msg, "boot.initrd.kernelModules names the kernel module 'laef', but kernel 9.9 "
	                           "has no such module, "
	                           "neither as a file nor built in\ndid you mean: leaf?");
	assert_int_equal(close_names(*state, option, &c, &e), -ENOENT);
	assert_non_null(strstr(e.msg, "configured without CONFIG_SATA_GADGET; that may provide it"));
	assert_int_equal(c.count, 0);
}

static void test_bad_tree(void **state)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *none = fs_join(*state, "fw"), *bare = fs_join(*state, "bare");
	_cleanup_free_ char *dir = fs_join(bare, "lib/modules/1.0");
	struct modclosure c = {0};

	assert_true(modclosure_build(&(struct modclosure_spec){.tree = none}, &c, &e) < 0);
	assert_non_null(strstr(e.msg, none));
	assert_int_equal(fs_mkdir_p(dir, 0755, &e), 0);
	assert_int_equal(modclosure_build(&(struct modclosure_spec){.tree = bare}, &c, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "depmod"));
	assert_int_equal(
	        modclosure_build(&(struct modclosure_spec){.tree = bare, .version = "2.0"}, &c, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "2.0"));
}

// The archive as "NAME SIZE\n" lines; with want, that entry's contents go to data.
static void read_initrd(const char *path, struct buf *names, const char *want, struct buf *data)
{
	struct archive *a = archive_read_new();
	struct archive_entry *en;
	char chunk[4096];

	archive_read_support_filter_all(a);
	archive_read_support_format_cpio(a);
	assert_int_equal(archive_read_open_filename(a, path, 10240), ARCHIVE_OK);
	while (archive_read_next_header(a, &en) == ARCHIVE_OK) {
		buf_addf(names, "%s\n", archive_entry_pathname(en));
		la_ssize_t n;
		while (str_eq(archive_entry_pathname(en), want) &&
		        (n = archive_read_data(a, chunk, sizeof(chunk))) > 0)
			buf_add(data, chunk, (size_t)n);
	}
	archive_read_free(a);
}

static char *spec_json(const char *dir, const char *more)
{
	return str_printf(
	        "{\"stage1\":\"%s/s1\",\"modulesTree\":\"%s/t\",\"kernelConfig\":\"%s/"
	        "config\",\"firmware\":[\"%s/fw\"],"
	        "\"kernelModules\":[\"after\",\"leaf\"],\"availableKernelModules\":[{\"name\":\"nope\","
	        "\"optional\":true}],"
	        "\"fileSystems\":[{\"device\":\"LABEL=my "
	        "root\",\"mountPoint\":\"/\",\"fsType\":\"one\",\"options\":[\"ro\",\"x=1\"]}],"
	        "\"blacklistedKernelModules\":[\"cipher-a\"],\"modprobeConfig\":\"options leaf a=1\\n\"%s}",
	        dir, dir, dir, dir, more);
}

// A kernel gets firmware in a form that it can read.
static void test_firmware_form(void **state)
{
	static const struct {
		const char *config, *name, *content;
	} rows[] = {{"CONFIG_FW_LOADER_COMPRESS_XZ=y", "lib/firmware/leaf/many-1.bin.xz", NULL},
	        {"CONFIG_FW_LOADER_COMPRESS_ZSTD=y", "lib/firmware/leaf/many-1.bin", "many-1.bin.xz\n"}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_err_ struct err e = {0};
		_cleanup_free_ char *json = spec_json(*state, ",\"compressor\":\"gzip\""),
		                    *out = fs_join(*state, "out-form"), *config = fs_join(*state, "config");
		_cleanup_free_ char *path = fs_join(out, "initrd");
		_cleanup_initrd_spec_ struct initrd_spec spec = {0};
		_cleanup_buf_ struct buf before = {0}, names = {0}, data = {0};

		assert_int_equal(fs_read(config, 0, &before, &e), 0);
		_cleanup_free_ char *text = str_printf("%s%s\n", buf_str(&before), rows[i].config);
		assert_int_equal(fs_write_atomic(config, text, strlen(text), 0644, &e), 0);
		if (initrd_spec_parse_json(json, &spec, &e) < 0 || initrd_build(&spec, out, &e) < 0)
			fail_msg("%s", e.msg);
		assert_int_equal(fs_write_atomic(config, before.data, before.len, 0644, &e), 0);
		read_initrd(path, &names, rows[i].name, &data);
		_cleanup_free_ char *line = str_printf("%s\n", rows[i].name);
		assert_non_null(strstr(buf_str(&names), line));
		if (rows[i].content)
			assert_string_equal(buf_str(&data), rows[i].content);
	}
}

static void collect(void *ctx, enum log_level level, const char *msg)
{
	buf_addf(ctx, "%s\n", msg);
}

// What no package has is told in one line, by driver.
static void test_firmware_missing(void **state)
{
	_cleanup_err_ struct err e = {0};
	const char *dir = *state;
	_cleanup_free_ char
	        *json = str_printf(
	                "{\"stage1\":\"%s/s1\",\"modulesTree\":\"%s/t\",\"kernelModules\":[\"leaf\"]}", dir,
	                dir),
	        *out = fs_join(dir, "out-missing");
	_cleanup_initrd_spec_ struct initrd_spec spec = {0};
	_cleanup_buf_ struct buf said = {0};

	assert_int_equal(initrd_spec_parse_json(json, &spec, &e), 0);
	log_set_sink(collect, &said);
	int r = initrd_build(&spec, out, &e);
	log_set_sink(NULL, NULL);
	assert_int_equal(r, 0);
	assert_string_equal(buf_str(&said),
	        "drivers of the initrd may ask for firmware that hardware.firmware does not have: leaf "
	        "(leaf/one.bin and 1 more)\n");
}

static void test_initrd(void **state)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *json = spec_json(*state, ",\"compressor\":\"gzip\""),
	                    *out = fs_join(*state, "out");
	_cleanup_free_ char *path = fs_join(out, "initrd"), *table = fs_join(*state, "idx");
	_cleanup_initrd_spec_ struct initrd_spec spec = {0};
	_cleanup_buf_ struct buf names = {0}, index = {0}, fstab = {0}, ko = {0}, first = {0}, second = {0};
	struct table t;

	if (initrd_spec_parse_json(json, &spec, &e) < 0 || initrd_build(&spec, out, &e) < 0)
		fail_msg("%s", e.msg);
	read_initrd(path, &names, "lib/modules/stage1.idx", &index);
	static const char *const wanted[] = {"init\n", "sbin/modprobe\n", "etc/fstab\n",
	        "lib/modules/9.9/kernel/x/leaf.ko\n", "lib/firmware/leaf/one.bin\n",
	        "lib/firmware/leaf/many-1.bin\n", "lib/firmware/leaf/many-2.bin\n", "sysroot\n"};
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (!strstr(buf_str(&names), wanted[i]))
			fail_msg("no %s in the initrd", wanted[i]);
	assert_null(strstr(buf_str(&names), "lonely"));
	assert_int_equal(fs_write_atomic(table, index.data, index.len, 0644, &e), 0);
	assert_int_equal(table_open(table, &t), 0);
	assert_string_equal(table_string(&t, t.modules[t.load[0]].name), "after");
	assert_string_equal(table_string(&t, t.modules[t.load[1]].options), "a=1");
	table_close(&t);
	buf_clear(&names);
	read_initrd(path, &names, "etc/fstab", &fstab);
	assert_string_equal(buf_str(&fstab), "LABEL=my\\040root / one ro,x=1 0 0\n");
	read_initrd(path, &names, "lib/modules/9.9/kernel/x/core.ko", &ko);
	assert_memory_equal(ko.data,
	        "\x7f"
	        "ELF",
	        4);
	assert_int_equal(fs_read(path, 0, &first, &e), 0);
	assert_int_equal(initrd_build(&spec, out, &e), 0);
	assert_int_equal(fs_read(path, 0, &second, &e), 0);
	assert_int_equal(first.len, second.len);
	assert_memory_equal(first.data, second.data, first.len);
}

static void expect_error(const char *json, const char *text)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_initrd_spec_ struct initrd_spec spec = {0};
	int r = initrd_spec_parse_json(json, &spec, &e);

	if (r == 0)
		r = initrd_write(&spec, "/nonexistent/initrd", &e);
	assert_true(r < 0);
	if (!strstr(e.msg, text))
		fail_msg("'%s' is not in '%s'", text, e.msg);
}

static void test_initrd_errors(void **state)
{
	_cleanup_free_ char *zstd = spec_json(*state, ""),
	                    *missing = spec_json(
	                            *state, ",\"contents\":[{\"source\":\"/nope\",\"target\":\"/x\"}]"),
	                    *typo = spec_json(*state, ",\"compresor\":\"gzip\""),
	                    *dir = spec_json(*state, ",\"compressor\":\"gzip\"");

	expect_error(zstd, "CONFIG_RD_ZSTD=y, to unpack it");
	expect_error(typo, "unknown member 'compresor'");
	expect_error(dir, "/nonexistent/initrd");
	expect_error("{", "not JSON");
	expect_error("{}", "'stage1' must be");
	expect_error("{\"stage1\":1}", "'stage1' must be a string");
	expect_error("{\"stage1\":\"/x\",\"kernelModules\":[\"ext4\"]}",
	        "names 'ext4', but there is no module tree");
	expect_error("{\"stage1\":\"/x\",\"kernelModules\":[1]}", "'kernelModules' must be");
	expect_error("{\"stage1\":\"/x\",\"modprobeConfig\":\"opt x\"}", "boot.extraModprobeConfig, line 1");
	expect_error("{\"stage1\":\"/x\",\"compressor\":\"rar\"}", "boot.initrd.compressor = \"rar\"");
	_cleanup_free_ char *gzip =
	        str_printf("%.*s,\"compressor\":\"gzip\"}", (int)strlen(missing) - 1, missing);
	expect_error(gzip, "/nope");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_plans),
	        cmocka_unit_test(test_cycle_and_weak),
	        cmocka_unit_test(test_unknown),
	        cmocka_unit_test(test_bad_tree),
	        cmocka_unit_test(test_firmware_form),
	        cmocka_unit_test(test_firmware_missing),
	        cmocka_unit_test(test_initrd),
	        cmocka_unit_test(test_initrd_errors),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
