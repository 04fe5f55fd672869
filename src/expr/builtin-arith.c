// SPDX-License-Identifier: GPL-2.0-or-later
// Arithmetic and bit operations. Integers are 64-bit and an overflow is an error; a float on either side
// makes the result a float.
#include <math.h>
#include "expr/builtin-util.h"
#include "expr/print.h"

// What an operation is called in its messages.
struct arith {
	const char *first, *second; // trace lines
	const char *doing;          // "adding"
	char sign;
};

static const struct arith op_add = {"while evaluating the first argument of the addition",
        "while evaluating the second argument of the addition", "adding", '+'};
static const struct arith op_sub = {"while evaluating the first argument of the subtraction",
        "while evaluating the second argument of the subtraction", "subtracting", '-'};
static const struct arith op_mul = {"while evaluating the first argument of the multiplication",
        "while evaluating the second argument of the multiplication", "multiplying", '*'};
static const struct arith op_div = {"while evaluating the first operand of the division",
        "while evaluating the second operand of the division", "dividing", '/'};

_noreturn_ _cold_ static void throw_overflow(struct eval *ev, const struct arith *op, int64_t a, int64_t b)
{
	eval_throw(ev, THROW_EVAL, 0, "integer overflow in %s %lld %c %lld", op->doing, (long long)a,
	        op->sign, (long long)b);
}

// Forces both; true when the operation is one of floats (then x holds them, else n does).
static bool operands(struct eval *ev, struct value *args, const struct arith *op, int64_t n[2], double x[2])
{
	eval_force(ev, &args[0], 0);
	eval_force(ev, &args[1], 0);
	if (value_type(&args[0]) == VALUE_FLOAT || value_type(&args[1]) == VALUE_FLOAT) {
		x[0] = eval_number(ev, &args[0], 0, op->first);
		x[1] = eval_number(ev, &args[1], 0, op->second);
		return true;
	}
	n[0] = eval_int(ev, &args[0], 0, op->first);
	n[1] = eval_int(ev, &args[1], 0, op->second);
	return false;
}

static void b_add(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	int64_t n[2], sum;
	double x[2];

	if (operands(ev, args, &op_add, n, x))
		*ret = value_float(x[0] + x[1]);
	else if (__builtin_add_overflow(n[0], n[1], &sum))
		throw_overflow(ev, &op_add, n[0], n[1]);
	else
		*ret = value_int(sum);
}

static void b_sub(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	int64_t n[2], diff;
	double x[2];

	if (operands(ev, args, &op_sub, n, x))
		*ret = value_float(x[0] - x[1]);
	else if (__builtin_sub_overflow(n[0], n[1], &diff))
		throw_overflow(ev, &op_sub, n[0], n[1]);
	else
		*ret = value_int(diff);
}

static void b_mul(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	int64_t n[2], product;
	double x[2];

	if (operands(ev, args, &op_mul, n, x))
		*ret = value_float(x[0] * x[1]);
	else if (__builtin_mul_overflow(n[0], n[1], &product))
		throw_overflow(ev, &op_mul, n[0], n[1]);
	else
		*ret = value_int(product);
}

static void b_div(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_force(ev, &args[0], 0);
	eval_force(ev, &args[1], 0);
	double y = eval_number(ev, &args[1], 0, op_div.second);

	if (y == 0)
		eval_throw(ev, THROW_EVAL, 0, "division by zero");
	if (value_type(&args[0]) == VALUE_FLOAT || value_type(&args[1]) == VALUE_FLOAT) {
		*ret = value_float(eval_number(ev, &args[0], 0, op_div.first) / y);
		return;
	}
	int64_t a = eval_int(ev, &args[0], 0, op_div.first), b = eval_int(ev, &args[1], 0, op_div.second);
	if (a == INT64_MIN && b == -1)
		throw_overflow(ev, &op_div, a, b);
	*ret = value_int(a / b);
}

static void b_less_than(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_force(ev, &args[0], 0);
	eval_force(ev, &args[1], 0);
	*ret = value_bool(eval_less(ev, &args[0], &args[1], 0, NULL));
}

static void b_bit_and(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	int64_t a =
	        eval_int(ev, &args[0], 0, "while evaluating the first argument passed to builtins.bitAnd");
	int64_t b =
	        eval_int(ev, &args[1], 0, "while evaluating the second argument passed to builtins.bitAnd");
	*ret = value_int(a & b);
}

static void b_bit_or(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	int64_t a = eval_int(ev, &args[0], 0, "while evaluating the first argument passed to builtins.bitOr");
	int64_t b =
	        eval_int(ev, &args[1], 0, "while evaluating the second argument passed to builtins.bitOr");
	*ret = value_int(a | b);
}

static void b_bit_xor(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	int64_t a =
	        eval_int(ev, &args[0], 0, "while evaluating the first argument passed to builtins.bitXor");
	int64_t b =
	        eval_int(ev, &args[1], 0, "while evaluating the second argument passed to builtins.bitXor");
	*ret = value_int(a ^ b);
}

#define ROUND_BUG   "Due to a bug (see https://github.com/NixOS/nix/issues/12899) "
#define ROUND_LATER "Future Nix versions might implement the correct behavior."

// An integer went through a double: Nix says so where the way back gives another one.
static struct value rounded(struct eval *ev, struct value *v, double r, const char *pad)
{
	bool is_int = value_type(v) == VALUE_INT;
	long long n = is_int ? v->integer : 0;

	if (r >= -0x1p63 && r < 0x1p63) {
		if (is_int && (int64_t)r != v->integer)
			eval_throw(ev, THROW_EVAL, 0,
			        ROUND_BUG "a loss of precision occurred in previous Nix versions because the "
			                  "NixInt argument %lld"
			                  " was rounded to %lld.\n      " ROUND_LATER,
			        n, (long long)r);
		return value_int((int64_t)r);
	}
	if (is_int)
		eval_throw(ev, THROW_EVAL, 0,
		        ROUND_BUG "the NixInt argument %lld caused undefined behavior in previous Nix "
		                  "versions.\n%s" ROUND_LATER,
		        n, pad);
	struct scratch s;
	scratch_begin(ev, &s);
	print_float(v->fpoint, &s.buf);
	eval_throw(ev, THROW_EVAL, 0, "NixFloat argument %s is not in the range of NixInt", buf_str(&s.buf));
}

static void b_ceil(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	double x =
	        eval_number(ev, &args[0], 0, "while evaluating the first argument passed to builtins.ceil");
	*ret = rounded(ev, &args[0], ceil(x), "   ");
}

static void b_floor(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	double x =
	        eval_number(ev, &args[0], 0, "while evaluating the first argument passed to builtins.floor");
	*ret = rounded(ev, &args[0], floor(x), " ");
}

static const struct builtin rows[] = {
        {"add", 2, 3, false, b_add, "e1 e2", "The sum of two numbers."},
        {"sub", 2, 3, false, b_sub, "e1 e2", "The difference of two numbers."},
        {"mul", 2, 3, false, b_mul, "e1 e2", "The product of two numbers."},
        {"div", 2, 3, false, b_div, "e1 e2",
                "The quotient of two numbers; of two integers, rounded towards zero."},
        {"lessThan", 2, 3, false, b_less_than, "e1 e2",
                "Is e1 less than e2? Numbers, strings, paths and lists of them can be compared."},
        {"bitAnd", 2, 3, false, b_bit_and, "e1 e2", "The bitwise AND of two integers."},
        {"bitOr", 2, 3, false, b_bit_or, "e1 e2", "The bitwise OR of two integers."},
        {"bitXor", 2, 3, false, b_bit_xor, "e1 e2", "The bitwise XOR of two integers."},
        {"ceil", 1, 1, false, b_ceil, "number", "The least integer that is not less than the number."},
        {"floor", 1, 1, false, b_floor, "number",
                "The greatest integer that is not greater than the number."},
};

const struct builtin_table builtin_arith = {rows, ARRAY_SIZE(rows)};
