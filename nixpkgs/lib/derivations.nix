# SPDX-License-Identifier: GPL-2.0-or-later
# Derivations that are looked at before they are instantiated, if ever.
{ lib }:

{
  # `meta` and `passthru` can be read without evaluating the derivation.
  lazyDerivation =
    {
      derivation,
      meta ? null,
      passthru ? { },
      outputs ? [ "out" ],
    }:
    let
      drv =
        if derivation.type or null != "derivation" then
          throw "lazyDerivation: the argument `derivation` is not a derivation"
        else if derivation.outputs or [ "out" ] != outputs then
          throw "lazyDerivation: the derivation ${derivation.name or ""} has the outputs ${
            toString (derivation.outputs or [ "out" ])
          }, but lazyDerivation was told ${toString outputs}; pass `outputs` accordingly"
        else
          derivation;
    in
    {
      type = "derivation";
      inherit outputs;
      inherit (drv)
        name
        drvPath
        outPath
        outputName
        system
        ;
      meta = if meta == null then drv.meta else meta;
    }
    // lib.genAttrs outputs (output: drv.${output})
    // passthru;

  optionalDrvAttr = cond: value: if cond then value else null;

  # Warns when the package is built or looked into, but not when only its name or meta is.
  warnOnInstantiate =
    msg: drv:
    drv
    // builtins.mapAttrs (_: lib.warn msg) (
      removeAttrs drv [
        "meta"
        "name"
        "outputName"
        "type"
      ]
    );

  inherit (builtins) unsafeDiscardOutputDependency;
  addDrvOutputDependencies =
    builtins.addDrvOutputDependencies
      or (path: throw "addDrvOutputDependencies: this evaluator has no such builtin (${path})");
}
