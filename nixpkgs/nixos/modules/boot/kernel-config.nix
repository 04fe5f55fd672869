# SPDX-License-Identifier: GPL-2.0-or-later
# system.requiredKernelConfig: what modules need of the kernel's configuration. The check is a derivation of its own that
# reads the final .config, an input of the system: no kernel is needed for it, and evaluation stays without building.
{ config, lib, pkgs, ... }:
let
  kernel = config.boot.kernelPackages.kernel;
  demand = word: configLine: test: option: {
    assertion = test option;
    message = "CONFIG_${option} is not ${word}!";
    configLine = configLine option;
  };
  rows = map (required: "${required.configLine}\t${required.message}") config.system.requiredKernelConfig;
in
{
  options.system.requiredKernelConfig = lib.mkOption {
    type = lib.types.listOf lib.types.attrs;
    default = [ ];
    example = lib.literalExpression ''with config.lib.kernelConfig; [ (isYes "MODULES") (isEnabled "EXT4_FS") (isNo "RANDOM_OPTION") ]'';
    description = "Conditions on the kernel's configuration, made by config.lib.kernelConfig.isYes, isNo, isModule, isEnabled.";
  };

  config = {
    lib.kernelConfig = {
      isYes = demand "yes" (option: "CONFIG_${option}=y") (option: kernelConfig: kernelConfig.isYes option);
      isNo = demand "no" (option: "CONFIG_${option}=n") (option: kernelConfig: kernelConfig.isNo option);
      isModule = demand "built as a module" (option: "CONFIG_${option}=m") (option: kernelConfig: kernelConfig.isModule option);
      isEnabled = demand "enabled" (option: "CONFIG_${option}=y|m") (option: kernelConfig: kernelConfig.isEnabled option);
      isDisabled = demand "disabled" (option: "CONFIG_${option}=n") (option: kernelConfig: kernelConfig.isNo option);
    };

    system.build.requiredKernelConfig =
      pkgs.runCommand "required-kernel-config" {
        configfile = kernel.configfile;
        rows = lib.concatMapStrings (row: row + "\n") rows;
        kernelName = kernel.name;
        preferLocalBuild = true;
      } "source ${./check-kernel-config.sh}";
    system.systemBuilderChecks = lib.optional (rows != [ ]) config.system.build.requiredKernelConfig;
  };
}
