# SPDX-License-Identifier: GPL-2.0-or-later
# Tracing values while they are evaluated, and small unit tests of expressions.
{ lib }:

let
  inherit (builtins)
    deepSeq
    isAttrs
    isList
    mapAttrs
    trace
    ;

  # A value cut at depth n, for printing: deeper sets and lists become a short text.
  cut =
    n: v:
    if isAttrs v then
      (
        if n <= 0 then
          (if v == { } then { } else "{…}")
        else
          mapAttrs (_: cut (n - 1)) v
      )
    else if isList v then
      (
        if n <= 0 then
          (if v == [ ] then [ ] else "[…]")
        else
          map (cut (n - 1)) v
      )
    else
      v;
in
rec {
  inherit (builtins) addErrorContext trace unsafeGetAttrPos;

  traceIf = cond: msg: x: if cond then trace msg x else x;
  traceValFn = f: x: trace (f x) x;
  traceVal = traceValFn (x: x);
  traceSeq = x: y: trace (deepSeq x x) y;
  traceSeqN =
    n: x: y:
    trace (lib.generators.toPretty { allowPrettyValues = true; } (cut n x)) y;
  traceValSeqFn = f: x: traceValFn f (deepSeq x x);
  traceValSeq = traceValSeqFn (x: x);
  traceValSeqNFn =
    f: n: x:
    traceSeqN n (f x) x;
  traceValSeqN = traceValSeqNFn (x: x);
  traceFnSeqN =
    n: name: f: x:
    let
      y = f x;
    in
    traceSeqN n {
      fn = name;
      from = x;
      to = y;
    } y;

  # Each test is { expr; expected; }; the answer lists those whose values differ. A set `tests` limits which run.
  runTests =
    tests:
    let
      chosen = tests.tests or [ ];
      names = builtins.filter (
        name: (lib.hasPrefix "test" name || builtins.elem name chosen) && (chosen == [ ] || builtins.elem name chosen)
      ) (builtins.attrNames (removeAttrs tests [ "tests" ]));
      run =
        name:
        let
          test = tests.${name};
        in
        lib.optional (test.expr != test.expected) {
          inherit name;
          inherit (test) expected;
          result = test.expr;
        };
    in
    builtins.concatMap run names;

  testAllTrue = expr: {
    inherit expr;
    expected = map (_: true) expr;
  };

  # { failures, description } of runTests: null when there are none.
  throwTestFailures =
    {
      failures,
      description ? "tests",
      ...
    }:
    if failures == [ ] then
      null
    else
      builtins.trace failures throw (
        "${toString (builtins.length failures)} ${description} failed:\n"
        + lib.concatMapStringsSep "\n" (
          f:
          "- ${f.name}:\n  expected: ${lib.generators.toPretty { } f.expected}\n  result: ${lib.generators.toPretty { } f.result}"
        ) failures
      );
}
