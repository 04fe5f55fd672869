// SPDX-License-Identifier: GPL-2.0-or-later
// Builtins that need no store, by what expressions evaluate to: rows that the oracle's corpus does not have
// (edges, sizes, orders). Answers are those of Nix; error rows begin with '!' and give the innermost message.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include "base/blake3.h"
#include "base/codec.h"
#include "base/macro.h"
#include "base/mem.h"
#include "expr/eval.h"
#include "expr/print.h"

struct row {
	const char *expr, *want;
};

struct job {
	const char *expr;
	struct buf out;
};

static void run(struct eval *ev, void *arg)
{
	struct job *j = arg;
	struct print_opts opts = {.classic = true};
	struct value v;

	eval_top(ev, eval_parse_text(ev, j->expr, strlen(j->expr), "/", SOURCE_STRING), &v);
	eval_force_deep(ev, &v, 0);
	print_value(ev, &v, &opts, &j->out);
}

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct eval_settings settings = {.allow_import_from_derivation = true};
		struct job j = {.expr = rows[i].expr};
		struct host host;
		struct thrown t;

		host_init_plain(&host);
		struct eval *ev = eval_new(&host, &settings);
		if (!eval_run(ev, run, &j, &t)) {
			buf_clear(&j.out);
			buf_addf(&j.out, "!%s", t.message);
		}
		if (strcmp(buf_str(&j.out), rows[i].want))
			print_error("%s\n", rows[i].expr);
		assert_string_equal(buf_str(&j.out), rows[i].want);
		buf_release(&j.out);
		eval_free(ev);
	}
}

static void test_lists(void **state)
{
	static const struct row rows[] = {
	        {"builtins.sort (a: b: a.k > b.k) [ { k = 1; v = 1; } { k = 2; v = 2; } { k = 1; v = 3; } ]",
	                "[ { k = 2; v = 2; } { k = 1; v = 1; } { k = 1; v = 3; } ]"},
	        {"builtins.sort (a: b: a.k < b.k) [ { k = \"b\"; } { k = \"a\"; } ]",
	                "[ { k = \"a\"; } { k = \"b\"; } ]"},
	        {"builtins.sort (a: b: a.k < b.k) [ { k = 1; } { j = 1; } ]", "!attribute 'k' missing"},
	        {"builtins.sort (a: b: a < b) [ 2 \"a\" ]",
	                "!cannot compare a string with an integer; values are \"a\" and 2"},
	        {"builtins.sort (a: b: b < a) [ 1 3 2 ]", "[ 3 2 1 ]"},
	        {"let l = builtins.genList (i: i * 7919 - i * i) 3000; s = builtins.sort builtins.lessThan "
	         "l; in builtins.all (i: "
	         "builtins.elemAt s i <= builtins.elemAt s (i + 1)) (builtins.genList (i: i) 2999)",
	                "true"},
	        {"let l = builtins.genList (i: i - i / 3 * 7) 2000; in builtins.sort (a: b: a < b) l == "
	         "builtins.sort builtins.lessThan l",
	                "true"},
	        {"builtins.sort builtins.lessThan [ 0 (-9223372036854775807) 9223372036854775807 ]",
	                "[ -9223372036854775807 0 9223372036854775807 ]"},
	        {"builtins.concatLists [ [ ] [ 1 2 ] [ ] ]", "[ 1 2 ]"},
	        {"builtins.partition (x: x == 2) [ 1 2 3 2 4 ]", "{ right = [ 2 2 ]; wrong = [ 1 3 4 ]; }"},
	        {"builtins.groupBy (x: if x / 2 * 2 == x then \"even\" else \"odd\") (builtins.genList (x: "
	         "x) 5)",
	                "{ even = [ 0 2 4 ]; odd = [ 1 3 ]; }"},
	        {"builtins.foldl' (a: b: a + b) 0 (builtins.genList (x: x) 100000)", "4999950000"},
	        {"builtins.length (builtins.genericClosure { startSet = [ { key = 0; } ]; operator = x: if "
	         "x.key < 5000 then [ { key = x.key + "
	         "1; } { key = x.key / 2; } ] else [ ]; })",
	                "5001"},
	};

	check(rows, ARRAY_SIZE(rows));
}

static void test_attrs(void **state)
{
	static const struct row rows[] = {
	        {"builtins.listToAttrs [ { name = \"b\"; value = 1; } { name = \"a\"; value = 2; } { name = "
	         "\"b\"; value = 3; } ]",
	                "{ a = 2; b = 1; }"},
	        {"builtins.removeAttrs ({ a = 1; b = 2; c = 3; } // { d = 4; }) [ \"d\" \"b\" \"none\" \"b\" "
	         "]",
	                "{ a = 1; c = 3; }"},
	        {"builtins.intersectAttrs { a = 0; c = 0; } (builtins.listToAttrs (map (n: { name = n; value "
	         "= n; }) [ \"a\" \"b\" \"c\" ]))",
	                "{ a = \"a\"; c = \"c\"; }"},
	        {"builtins.zipAttrsWith (n: v: v) [ { a = 1; } { b = 2; a = 3; } { } { a = 4; } ]",
	                "{ a = [ 1 3 4 ]; b = [ 2 ]; }"},
	        {"builtins.mapAttrs (n: v: n + v) { x = \"1\"; y = \"2\"; }", "{ x = \"x1\"; y = \"y2\"; }"},
	        {"(builtins.mapAttrs (throw \"f\") { }) == { }", "true"},
	        {"builtins.attrNames (builtins.mapAttrs (throw \"f\") { b = 1; a = 2; })", "[ \"a\" \"b\" ]"},
	        {"builtins.functionArgs ({ b, a ? 1, ... }@all: 0)", "{ a = true; b = false; }"},
	        {"builtins.catAttrs \"a\" [ { a = 1; } { } { a = 2; } ]", "[ 1 2 ]"},
	};

	check(rows, ARRAY_SIZE(rows));
}

static void test_regexes(void **state)
{
	static const struct row rows[] = {
	        {"builtins.match \"(a*)*\" \"aab\"", "null"},
	        {"builtins.match \"(a*)*\" \"aa\"", "[ \"\" ]"},
	        {"builtins.match \"((a)|b)*\" \"ab\"", "[ \"b\" \"a\" ]"},
	        {"builtins.match \"(a|ab)(bc|c)?\" \"abc\"", "[ \"a\" \"bc\" ]"},
	        {"builtins.match \"([0-9]+)(\\\\.[0-9]+)*\" \"6.12.3\"", "[ \"6\" \".3\" ]"},
	        {"builtins.match \"x{0}y{2,}z{1,2}\" \"yyyzz\"", "[ ]"},
	        {"builtins.split \"(a)|b*\" \"cabb\"",
	                "[ \"\" [ null ] \"c\" [ \"a\" ] \"\" [ null ] \"\" [ null ] \"\" ]"},
	        {"builtins.split \"$\" \"ab\"", "[ \"ab\" [ ] \"\" ]"},
	        {"builtins.match \"[[:alpha:]_][[:alnum:]_]*\" \"_x9\"", "[ ]"},
	        {"builtins.match \"[^[:space:]]+\" \"a b\"", "null"},
	        {"builtins.match \"a|*b\" \"b\"", "!invalid regular expression 'a|*b'"},
	        {"builtins.match \"[a-\" \"b\"", "!invalid regular expression '[a-'"},
	        {"builtins.match \"a{,2}\" \"a\"", "!invalid regular expression 'a{,2}'"},
	        {"builtins.match \"[[.-.]]\" \"-\"", "!invalid regular expression '[[.-.]]'"},
	        {"builtins.match \"(x+x+)+y\" \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"",
	                "null"},
	        {"builtins.match \"((a?){30}){30}\" \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"", "null"},
	        {"builtins.match \"(((((a{1000}){1000}){1000}))))\" \"a\"",
	                "!memory limit exceeded by regular expression '(((((a{1000}){1000}){1000}))))'"},
	        {"builtins.stringLength (builtins.head (builtins.match \"([^,]*),.*\" "
	         "((builtins.concatStringsSep \"\" (builtins.genList (i: "
	         "\"0123456789\") 100000)) + \",x\")))",
	                "1000000"},
	        {"builtins.length (builtins.split \"([ab]|c)+\" (builtins.concatStringsSep \"\" "
	         "(builtins.genList (i: \"abc-\") 20000)))",
	                "40001"},
	        {"builtins.match \"(a|b|ab)*\" (builtins.concatStringsSep \"\" (builtins.genList (i: \"ab\") "
	         "5000)) != null",
	                "true"},
	};

	check(rows, ARRAY_SIZE(rows));
}

static void test_json(void **state)
{
	static const struct row rows[] = {
	        {"builtins.fromJSON \"[{}, [[]], {\\\"a\\\":{\\\"b\\\":[]}}]\"",
	                "[ { } [ [ ] ] { a = { b = [ ]; }; } ]"},
	        {"builtins.toJSON (builtins.fromJSON \"[1e-7, 1E5, -0.0, 123456789012345678901234567890]\")",
	                "\"[1e-07,100000.0,-0.0,1.2345678901234568e+29]\""},
	        {"builtins.toJSON [ 0.1 100.0 1.5e300 123456.789 1.0e-5 ]",
	                "\"[0.1,100.0,1.5e+300,123456.789,1e-05]\""},
	        {"builtins.fromJSON \"{\\\"a\\\":1,\\\"a\\\":{\\\"b\\\":2}}\"", "{ a = { b = 2; }; }"},
	        {"let deep = n: builtins.concatStringsSep \"\" (builtins.genList (i: \"[\") n ++ "
	         "builtins.genList (i: \"]\") n); in builtins.length "
	         "(builtins.fromJSON (\"[\" + deep 1 + \",\" + deep 2 + \"]\"))",
	                "2"},
	        {"builtins.isList (builtins.fromJSON (builtins.concatStringsSep \"\" (builtins.genList (i: "
	         "\"[\") 200000 ++ builtins.genList (i: \"]\") "
	         "200000)))",
	                "true"},
	        {"builtins.fromJSON \"\\\"\\\\q\\\"\"",
	                "![json.exception.parse_error.101] parse error at line 1, column 3: syntax error "
	                "while parsing value "
	                "- invalid string: forbidden character after backslash; last read: '\"\\q'"},
	        {"builtins.fromJSON \"[1\\n,\\n x]\"",
	                "![json.exception.parse_error.101] parse error at line 3, column 2: syntax error "
	                "while parsing value "
	                "- invalid literal; last read: '1<U+000A>,<U+000A> x'"},
	        {"builtins.fromJSON \"{} {}\"", "![json.exception.parse_error.101] parse error at line 1, "
	                                        "column 4: syntax error while parsing value - "
	                                        "unexpected '{'; expected end of input"},
	};

	check(rows, ARRAY_SIZE(rows));
}

static void test_toml(void **state)
{
	static const struct row rows[] = {
	        {"builtins.fromTOML \"[[p]]\\nn = 1\\n[p.q]\\nz = 1\\n[[p]]\\nn = 2\\n[[p.r]]\\nk = "
	         "1\\n[[p.r]]\\nk = 2\\n\"",
	                "{ p = [ { n = 1; q = { z = 1; }; } { n = 2; r = [ { k = 1; } { k = 2; } ]; } ]; }"},
	        {"builtins.fromTOML \"x = [ { a = 1 }, { b.c = [ 1, 2 ] } ]\"",
	                "{ x = [ { a = 1; } { b = { c = [ 1 2 ]; }; } ]; }"},
	        {"builtins.fromTOML \"a.b = 1\\n[a.c]\\nd = 2\"", "{ a = { b = 1; c = { d = 2; }; }; }"},
	        {"builtins.fromTOML \"1.2 = 3\"", "{ \"1\" = { \"2\" = 3; }; }"},
	        {"builtins.fromTOML \"x = '''a'b''c'''\"", "{ x = \"a'b''c\"; }"},
	        {"builtins.fromTOML \"x = 1_000.5\\ny = -0\\nz = 0o7_7\"", "{ x = 1000.5; y = 0; z = 63; }"},
	        {"builtins.isAttrs (builtins.fromTOML (builtins.concatStringsSep \"\" ([ \"x = \" ] ++ "
	         "builtins.genList (i: \"[\") 900 ++ "
	         "builtins.genList (i: \"]\") 900)))",
	                "true"},
	        {"builtins.fromTOML (builtins.concatStringsSep \"\" ([ \"x = \" ] ++ builtins.genList (i: "
	         "\"[\") 100000))",
	                "!while parsing TOML: nesting is deeper than 1000"},
	};

	check(rows, ARRAY_SIZE(rows));
}

static void test_strings(void **state)
{
	static const struct row rows[] = {
	        {"builtins.replaceStrings [ \"\" ] [ \".\" ] \"\\n\"", "\".\\n.\""},
	        {"builtins.replaceStrings [ \"ab\" \"a\" \"\" ] [ \"1\" \"2\" \"-\" ] \"abac\"", "\"12-c-\""},
	        {"builtins.substring 2 (-1) \"hello\"", "\"llo\""},
	        {"builtins.stringLength (builtins.concatStringsSep \"xy\" (builtins.genList toString 1000))",
	                "4888"},
	        {"builtins.compareVersions \"2.3.1\" \"2.3a\"", "1"},
	        {"builtins.compareVersions \"2.3a1\" \"2.3pre1\"", "1"},
	        {"builtins.splitVersion \"2.12.1-rc1\"", "[ \"2\" \"12\" \"1\" \"rc\" \"1\" ]"},
	        {"builtins.parseDrvName \"nix-0.12pre12876\"",
	                "{ name = \"nix\"; version = \"0.12pre12876\"; }"},
	        {"builtins.hashString \"sha256\" \"\"",
	                "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\""},
	        {"builtins.toXML { a = [ 1 null ]; }", "\"<?xml version='1.0' encoding='utf-8'?>\\n<expr>\\n "
	                                               " <attrs>\\n    <attr name=\\\"a\\\">\\n      "
	                                               "<list>\\n        <int value=\\\"1\\\" />\\n        "
	                                               "<null />\\n      </list>\\n    </attr>\\n  "
	                                               "</attrs>\\n</expr>\\n\""},
	};

	check(rows, ARRAY_SIZE(rows));
}

// Input byte i is i % 251, as in the test vectors of BLAKE3's specification.
static void test_blake3(void **state)
{
	static const struct {
		size_t len;
		const char *want;
	} rows[] = {
	        {0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"},
	        {1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"},
	        {1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"},
	        {1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"},
	        {2048, "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a"},
	        {2049, "5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030"},
	        {3072, "b98cb0ff3623be03326b373de6b9095218513e64f1ee2edd2525c7ad1e5cffd2"},
	        {3073, "7124b49501012f81cc7f11ca069ec9226cecb8a2c850cfe644e327d22d3e1cd3"},
	};
	uint8_t data[4096], got[BLAKE3_BYTES];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i % 251);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		blake3(data, rows[i].len, got);
		_cleanup_free_ char *hex = codec_base16(got, sizeof(got));
		assert_string_equal(hex, rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_lists),
	        cmocka_unit_test(test_attrs),
	        cmocka_unit_test(test_regexes),
	        cmocka_unit_test(test_json),
	        cmocka_unit_test(test_toml),
	        cmocka_unit_test(test_strings),
	        cmocka_unit_test(test_blake3),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
