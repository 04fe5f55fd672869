// SPDX-License-Identifier: GPL-2.0-or-later
// Builtins that ask what a value is: typeOf, isNull, isInt, ...
#include "expr/builtin-util.h"

static void b_type_of(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_force(ev, &args[0], 0);
	*ret = eval_str(ev, value_type_name(&args[0]));
}

static bool is_type(struct eval *ev, struct value *v, enum value_type type)
{
	eval_force(ev, v, 0);
	return value_type(v) == type;
}

static void b_is_null(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	*ret = value_bool(is_type(ev, &args[0], VALUE_NULL));
}

static void b_is_bool(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	*ret = value_bool(is_type(ev, &args[0], VALUE_BOOL));
}

static void b_is_int(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	*ret = value_bool(is_type(ev, &args[0], VALUE_INT));
}

static void b_is_float(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	*ret = value_bool(is_type(ev, &args[0], VALUE_FLOAT));
}

static void b_is_string(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	*ret = value_bool(is_type(ev, &args[0], VALUE_STRING));
}

static void b_is_path(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	*ret = value_bool(is_type(ev, &args[0], VALUE_PATH));
}

static void b_is_list(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	*ret = value_bool(is_type(ev, &args[0], VALUE_LIST));
}

static void b_is_attrs(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	*ret = value_bool(is_type(ev, &args[0], VALUE_ATTRS));
}

static void b_is_function(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_force(ev, &args[0], 0);
	enum value_type t = value_type(&args[0]);
	*ret = value_bool(t == VALUE_LAMBDA || t == VALUE_BUILTIN || t == VALUE_PAPP);
}

static const struct builtin rows[] = {
        {"typeOf", 1, 1, false, b_type_of, "e",
                "The name of the type of e: \"int\", \"bool\", \"string\", \"path\", \"null\", \"set\", "
                "\"list\", \"lambda\" or \"float\"."},
        {"isNull", 1, 1, true, b_is_null, "e", "Is e null? (e == null says the same.)"},
        {"isBool", 1, 1, false, b_is_bool, "e", "Is e a Boolean?"},
        {"isInt", 1, 1, false, b_is_int, "e", "Is e an integer?"},
        {"isFloat", 1, 1, false, b_is_float, "e", "Is e a floating-point number?"},
        {"isString", 1, 1, false, b_is_string, "e", "Is e a string?"},
        {"isPath", 1, 1, false, b_is_path, "e", "Is e a path?"},
        {"isList", 1, 1, false, b_is_list, "e", "Is e a list?"},
        {"isAttrs", 1, 1, false, b_is_attrs, "e", "Is e an attribute set?"},
        {"isFunction", 1, 1, false, b_is_function, "e",
                "Is e a function? A set with __functor is none here."},
};

const struct builtin_table builtin_types = {rows, ARRAY_SIZE(rows)};
