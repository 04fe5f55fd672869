# SPDX-License-Identifier: GPL-2.0-or-later
# Fixed points of functions of sets, and overlays (`final: prev: { ... }`) that extend them.
{ lib }:

rec {
  fix =
    f:
    let
      self = f self;
    in
    self;

  # Like fix, and keeps the function so that it can be extended later.
  fix' =
    f:
    let
      self = f self // {
        __unfix__ = f;
      };
    in
    self;

  # Applies f until the value no longer changes.
  converge =
    f: x:
    let
      next = f x;
    in
    if next == x then x else converge f next;

  extends =
    overlay: f: final:
    let
      prev = f final;
    in
    prev // overlay final prev;

  composeExtensions =
    first: second: final: prev:
    let
      done = first final prev;
    in
    done // second final (prev // done);

  # One pass over the list; `prev` grows by each overlay's answer, as nested composeExtensions would do.
  composeManyExtensions =
    overlays: final: prev:
    let
      step =
        acc: overlay:
        let
          done = overlay final acc.prev;
        in
        {
          prev = acc.prev // done;
          added = acc.added // done;
        };
    in
    (builtins.foldl' step {
      inherit prev;
      added = { };
    } overlays).added;

  makeExtensible = makeExtensibleWithCustomName "extend";

  makeExtensibleWithCustomName =
    name: f:
    fix' (
      self:
      f self
      // {
        ${name} = overlay: makeExtensibleWithCustomName name (extends overlay f);
      }
    );

  # Accepts a set, `prev: set` or `final: prev: set`.
  toExtension =
    f:
    if !lib.isFunction f then
      _: _: f
    else
      final: prev:
      let
        answer = f prev;
      in
      if lib.isFunction answer then f final prev else answer;
}
