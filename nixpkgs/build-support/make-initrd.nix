# SPDX-License-Identifier: GPL-2.0-or-later
# makeInitrd { ... }: an initrd as a derivation; $out/initrd is the archive. The builder is kernix's own (builtin:initrd);
# what each attribute means is written in src/boot/initrd.h. Module lists may hold names, or { name; by; optional; } where
# `by` is said in errors and an optional module may be missing in this kernel.
#
#   modulesTree                 package with lib/modules/VERSION and depmod's index, or null
#   modDirVersion               VERSION, if the tree has several
#   kernelModules               loaded at the start, in order      availableKernelModules   loaded when a device asks
#   blacklistedKernelModules    names                              modprobeConfig           text as in modprobe.d
#   firmware                    packages with lib/firmware
#   fileSystems                 [ { device; mountPoint; fsType; options; check; } ], in the order of mounting
#   contents                    more files: [ { source; target; } ] (or nixpkgs' { object; symlink; })
#   prepend                     archives to put before it (microcode)
#   compressor, compressorLevel "zstd", "gzip", "xz" or "none"; 0 is the compressor's usual level
#   kernelConfig                the kernel's .config, to be checked for what this initrd needs
#   stage1                      package with bin/init
{ lib, stdenv, callPackage, makeModulesClosure }:
let
  defaultStage1 = callPackage ./stage1.nix { };
  content = c: {
    source = "${c.source or c.object}";
    target = c.target or c.symlink;
  };
  # People say with an overlay of makeModulesClosure that modules may be missing; so it is asked (without a derivation).
  missingIsFine = tree: (makeModulesClosure { kernel = tree; rootModules = [ ]; allowMissing = false; onlyAsk = true; }).allowMissing or false;
  lenient = module: if builtins.isAttrs module then module // { optional = true; } else { name = module; by = "makeModulesClosure"; optional = true; };
in
{ name ? "initrd"
, stage1 ? defaultStage1
, modulesTree ? null
, modDirVersion ? null
, kernelModules ? [ ]
, availableKernelModules ? [ ]
, blacklistedKernelModules ? [ ]
, modprobeConfig ? ""
, firmware ? [ ]
, fileSystems ? [ ]
, contents ? [ ]
, prepend ? [ ]
, compressor ? "zstd"
, compressorLevel ? 0
, kernelConfig ? null
, passthru ? { }
}:
derivation {
  inherit name;
  builder = "builtin:initrd";
  inherit (stdenv.buildPlatform) system;
  formatVersion = "1";
  preferLocalBuild = true;
  spec = let modules = if modulesTree != null && missingIsFine modulesTree then map lenient else list: list; in builtins.toJSON (lib.filterAttrs (_: value: value != null) {
    stage1 = "${stage1}/bin/init";
    modulesTree = if modulesTree == null then null else "${modulesTree}";
    kernelConfig = if kernelConfig == null then null else "${kernelConfig}";
    firmware = map (package: "${package}") firmware;
    fileSystems = map (fs: { inherit (fs) device mountPoint fsType; options = fs.options or [ "defaults" ]; } // lib.optionalAttrs (fs.check or false) { check = true; }) fileSystems;
    contents = map content contents;
    prepend = map (archive: "${archive}") prepend;
    kernelModules = modules kernelModules;
    availableKernelModules = modules availableKernelModules;
    inherit modDirVersion blacklistedKernelModules modprobeConfig compressor compressorLevel;
  });
} // { inherit stage1; } // passthru
