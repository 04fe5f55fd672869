# SPDX-License-Identifier: GPL-2.0-or-later
# Assertions with a message: what `assert` alone cannot say.
{ lib }:

let
  show = lib.generators.toPretty { };
in
rec {
  assertMsg = cond: msg: cond || throw msg;

  assertOneOf =
    name: value: allowed:
    assertMsg (builtins.elem value allowed) "${name} must be one of ${show allowed}, but is: ${show value}";

  assertEachOneOf =
    name: values: allowed:
    let
      wrong = lib.subtractLists allowed values;
    in
    assertMsg (wrong == [ ]) "each element in ${name} must be one of ${show allowed}, but is: ${show values}";

  # Fails with all messages of assertions that do not hold, then prints the warnings.
  checkAssertWarn =
    assertions: warnings: value:
    let
      failed = map (a: a.message) (builtins.filter (a: !a.assertion) assertions);
    in
    if failed != [ ] then
      throw "\nFailed assertions:\n${lib.concatMapStringsSep "\n" (m: "- ${m}") failed}"
    else
      lib.showWarnings warnings value;
}
