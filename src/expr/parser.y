// SPDX-License-Identifier: GPL-2.0-or-later
// Grammar of the Nix language. The parser's stack is in the evaluator's memory: an action that throws leaves nothing to free, and nesting
// costs no C stack.
%define api.pure full
%define api.value.type {union lexer_value}
%define api.location.type {uint32_t}
%define parse.error detailed
%define api.header.include {"parser.h"}
%locations
%param {struct parse *p}

%code requires {
#include <stdint.h>
#include "expr/lexer.h"
#include "expr/parse.h"
#define YYLLOC_DEFAULT(cur, rhs, n) ((cur) = (n) ? YYRHSLOC(rhs, 1) : YYRHSLOC(rhs, 0))
#define YYMAXDEPTH 200000000
}

%code {
// A name's symbol. The order in which symbols are made is the order in which sets are compared and arguments are asked for, so it is that of
// Nix's grammar: a formal's own name comes after those in its default, a function's argument after those in its body.
#define SYM(t) symbol_intern(&p->ev->symbols, (t).s, (t).len)
#define YYSTACK_ALLOC(size) arena_alloc(&p->ev->code, size)

static int yylex(union lexer_value *v, uint32_t *pos, struct parse *p)
{
	return lexer_next(&p->lexer, v, pos);
}

static void yyerror(uint32_t *pos, struct parse *p, const char *msg)
{
	eval_throw(p->ev, THROW_PARSE, *pos, "%s", msg);
}
}

%token YYEOF 0 "end of file"
%token <text> ID "identifier"
%token <text> STR "string" IND_STR "indented string"
%token <integer> INT_LIT "integer"
%token <fpoint> FLOAT_LIT "floating-point literal"
%token <text> PATH "path" HPATH "'~/…' path" SPATH "'<…>' path"
%token PATH_END "end of path"
%token <text> URI "URI"
%token IF "'if'" THEN "'then'" ELSE "'else'" ASSERT "'assert'" WITH "'with'" LET "'let'" IN_KW "'in'" REC "'rec'" INHERIT "'inherit'"
%token EQ "'=='" NEQ "'!='" AND "'&&'" OR "'||'" IMPL "'->'" OR_KW "'or'" PIPE_FROM "'<|'" PIPE_INTO "'|>'"
%token DOLLAR_CURLY "'${'" IND_STRING_OPEN "start of an indented string" IND_STRING_CLOSE "end of an indented string" ELLIPSIS "'...'"
%token LEQ "'<='" GEQ "'>='" UPDATE "'//'" CONCAT "'++'"

%right IMPL
%left OR
%left AND
%nonassoc EQ NEQ
%nonassoc '<' '>' LEQ GEQ
%right UPDATE
%left NOT
%left '+' '-'
%left '*' '/'
%right CONCAT
%nonassoc '?'
%nonassoc NEGATE

%type <expr> expr expr_pipe_from expr_pipe_into expr_op expr_app expr_select expr_simple path_start string_attr
%type <attrs> binds binds1
%type <lambda> formal_set formals
%type <path> attrpath attrs
%type <parts> string_parts string_parts_interpolated ind_string_parts
%type <list> list
%type <symbol> attr

%%

start: expr { p->result = $1; };

expr
	: ID ':' expr { $$ = parse_lambda(p, @1, NULL, SYM($1), $3); }
	| formal_set ':' expr { $$ = parse_lambda(p, @1, $1, 0, $3); }
	| formal_set '@' ID ':' expr { $$ = parse_lambda(p, @1, $1, SYM($3), $5); }
	| ID '@' formal_set ':' expr { $$ = parse_lambda(p, @1, $3, SYM($1), $5); }
	| ASSERT expr ';' expr { $$ = parse_with(p, EXPR_ASSERT, @1, $2, $4); }
	| WITH expr ';' expr { $$ = parse_with(p, EXPR_WITH, @1, $2, $4); }
	| LET binds IN_KW expr { $$ = parse_let(p, @1, $2, $4); }
	| IF expr THEN expr ELSE expr { $$ = parse_if(p, @1, $2, $4, $6); }
	| expr_pipe_from
	| expr_pipe_into
	| expr_op
	;

expr_pipe_from
	: expr_op PIPE_FROM expr_pipe_from { $$ = parse_pipe(p, @2, $1, $3); }
	| expr_op PIPE_FROM expr_op { $$ = parse_pipe(p, @2, $1, $3); }
	;

expr_pipe_into
	: expr_pipe_into PIPE_INTO expr_op { $$ = parse_pipe(p, @2, $3, $1); }
	| expr_op PIPE_INTO expr_op { $$ = parse_pipe(p, @2, $3, $1); }
	;

expr_op
	: '!' expr_op %prec NOT { $$ = parse_binary(p, EXPR_NOT, @1, $2, NULL); }
	| '-' expr_op %prec NEGATE { $$ = parse_named_call(p, @1, "__sub", parse_const(p, @1, value_int(0)), $2); }
	| expr_op EQ expr_op { $$ = parse_binary(p, EXPR_EQ, @2, $1, $3); }
	| expr_op NEQ expr_op { $$ = parse_binary(p, EXPR_NE, @2, $1, $3); }
	| expr_op '<' expr_op { $$ = parse_named_call(p, @2, "__lessThan", $1, $3); }
	| expr_op LEQ expr_op { $$ = parse_binary(p, EXPR_NOT, @2, parse_named_call(p, @2, "__lessThan", $3, $1), NULL); }
	| expr_op '>' expr_op { $$ = parse_named_call(p, @2, "__lessThan", $3, $1); }
	| expr_op GEQ expr_op { $$ = parse_binary(p, EXPR_NOT, @2, parse_named_call(p, @2, "__lessThan", $1, $3), NULL); }
	| expr_op AND expr_op { $$ = parse_binary(p, EXPR_AND, @2, $1, $3); }
	| expr_op OR expr_op { $$ = parse_binary(p, EXPR_OR, @2, $1, $3); }
	| expr_op IMPL expr_op { $$ = parse_binary(p, EXPR_IMPL, @2, $1, $3); }
	| expr_op UPDATE expr_op { $$ = parse_binary(p, EXPR_UPDATE, @2, $1, $3); }
	| expr_op '?' attrpath { $$ = parse_select(p, EXPR_HAS, @2, $1, $3, NULL); }
	| expr_op '+' expr_op { $$ = parse_plus(p, @2, @1, $1, @3, $3); }
	| expr_op '-' expr_op { $$ = parse_named_call(p, @2, "__sub", $1, $3); }
	| expr_op '*' expr_op { $$ = parse_named_call(p, @2, "__mul", $1, $3); }
	| expr_op '/' expr_op { $$ = parse_named_call(p, @2, "__div", $1, $3); }
	| expr_op CONCAT expr_op { $$ = parse_binary(p, EXPR_CONCAT, @2, $1, $3); }
	| expr_app
	;

expr_app
	: expr_app expr_select { $$ = parse_call(p, @1, $1, parse_operand(p, $2)); }
	| expr_select
	;

expr_select
	: expr_simple '.' attrpath { $$ = parse_select(p, EXPR_SELECT, @1, $1, $3, NULL); }
	| expr_simple '.' attrpath OR_KW expr_select { $$ = parse_select(p, EXPR_SELECT, @1, $1, $3, $5); }
	| expr_simple OR_KW { $$ = parse_or_call(p, @1, $1, parse_var(p, @2, p->ev->sym.or_)); }
	| expr_simple
	;

expr_simple
	: ID { $$ = parse_var(p, @1, SYM($1)); }
	| INT_LIT { $$ = parse_const(p, @1, value_int($1)); }
	| FLOAT_LIT { $$ = parse_const(p, @1, value_float($1)); }
	| '"' string_parts '"' { $$ = parse_strings(p, @2, $2); }
	| IND_STRING_OPEN ind_string_parts IND_STRING_CLOSE { $$ = parse_indented(p, @1, $2); }
	| path_start PATH_END
	| path_start string_parts_interpolated PATH_END { $$ = parse_path_parts(p, @1, $1, $2); }
	| SPATH { $$ = parse_search_path(p, @1, $1.s, $1.len); }
	| URI { $$ = parse_url(p, @1, $1.s, $1.len); }
	| '(' expr ')' { $$ = parse_parens(p, $2); }
	| LET '{' binds '}' { $$ = parse_select_body(p, @1, $3); }
	| REC '{' binds '}' { $3->rec = true; $3->x.pos = @1; $$ = &$3->x; }
	| '{' binds1 '}' { $2->x.pos = @1; $$ = &$2->x; }
	| '{' '}' { $$ = &parse_attrs_new(p, @1)->x; }
	| '[' list ']' { $$ = parse_list(p, @1, $2); }
	;

string_parts
	: STR { $$ = parse_part_text(p, NULL, @1, &yyvsp[0]); }
	| string_parts_interpolated
	| %empty { $$ = NULL; }
	;

string_parts_interpolated
	: string_parts_interpolated STR { $$ = parse_part_text(p, $1, @2, &yyvsp[0]); }
	| string_parts_interpolated DOLLAR_CURLY expr '}' { $$ = parse_part_expr(p, $1, @2, $3); }
	| DOLLAR_CURLY expr '}' { $$ = parse_part_expr(p, NULL, @1, $2); }
	| STR DOLLAR_CURLY expr '}' { $$ = parse_part_expr(p, parse_part_text(p, NULL, @1, &yyvsp[-3]), @2, $3); }
	;

path_start
	: PATH { $$ = parse_path_literal(p, @1, $1.s, $1.len, false); }
	| HPATH { $$ = parse_path_literal(p, @1, $1.s, $1.len, true); }
	;

ind_string_parts
	: ind_string_parts IND_STR { $$ = parse_part_text(p, $1, @2, &yyvsp[0]); }
	| ind_string_parts DOLLAR_CURLY expr '}' { $$ = parse_part_expr(p, $1, @2, $3); }
	| %empty { $$ = NULL; }
	;

binds
	: binds1
	| %empty { $$ = parse_attrs_new(p, 0); }
	;

binds1
	: binds1 attrpath '=' expr ';' { $$ = $1; parse_attrs_add(p, $$, $2, @2, $4); }
	| binds INHERIT attrs ';' { $$ = $1; parse_attrs_inherit(p, $$, $3, NULL, 0); }
	| binds INHERIT '(' expr ')' attrs ';' { $$ = $1; parse_attrs_inherit(p, $$, $6, $4, @4); }
	| attrpath '=' expr ';' { $$ = parse_attrs_new(p, 0); parse_attrs_add(p, $$, $1, @1, $3); }
	;

attrs
	: attrs attr { $$ = parse_attrpath_add(p, $1, $2, NULL, @2); }
	| attrs string_attr { $$ = parse_attrpath_add_expr(p, $1, $2, @2); }
	| %empty { $$ = parse_attrpath_add(p, NULL, 0, NULL, 0); }
	;

attrpath
	: attrpath '.' attr { $$ = parse_attrpath_add(p, $1, $3, NULL, @3); }
	| attrpath '.' string_attr { $$ = parse_attrpath_add_expr(p, $1, $3, @3); }
	| attr { $$ = parse_attrpath_add(p, NULL, $1, NULL, @1); }
	| string_attr { $$ = parse_attrpath_add_expr(p, NULL, $1, @1); }
	;

attr
	: ID { $$ = SYM($1); }
	| OR_KW { $$ = p->ev->sym.or_; }
	;

string_attr
	: '"' string_parts '"' { $$ = parse_strings(p, @1, $2); }
	| DOLLAR_CURLY expr '}' { $$ = $2; }
	;

list
	: list expr_select { $$ = parse_builder_add(p, $1, parse_operand(p, $2)); }
	| %empty { $$ = NULL; }
	;

formal_set
	: '{' formals ',' ELLIPSIS '}' { $$ = $2; $$->ellipsis = true; }
	| '{' ELLIPSIS '}' { $$ = parse_formals(p); $$->ellipsis = true; }
	| '{' formals ',' '}' { $$ = $2; }
	| '{' formals '}' { $$ = $2; }
	| '{' '}' { $$ = parse_formals(p); }
	;

formals
	: formals ',' ID { $$ = $1; parse_formal(p, $$, SYM($3), @3, NULL); }
	| formals ',' ID '?' expr { $$ = $1; parse_formal(p, $$, SYM($3), @3, $5); }
	| ID { $$ = parse_formals(p); parse_formal(p, $$, SYM($1), @1, NULL); }
	| ID '?' expr { $$ = parse_formals(p); parse_formal(p, $$, SYM($1), @1, $3); }
	;
