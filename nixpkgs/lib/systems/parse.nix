# SPDX-License-Identifier: GPL-2.0-or-later
# System names ("x86_64-linux", "aarch64-unknown-linux-gnu") to their parts and back.
{ lib }:

let
  tables = import ./tables.nix { };
  inherit (tables)
    abis
    cpuTypes
    kernels
    successors
    vendors
    ;
  inherit (builtins) elemAt length;

  lookup =
    what: table: name:
    table.${name} or (throw "Unknown ${what}: ${name}; known are ${lib.concatStringsSep ", " (builtins.attrNames table)}");

  isKind = type: x: (x._type or null) == type;

  # FreeBSD and the like may carry a version: freebsd13.
  splitVersion =
    name:
    let
      found = builtins.match "(freebsd|netbsd|openbsd|darwin|macos|ios|android)([0-9.]+)" name;
    in
    if found == null then name else builtins.head found;
in
rec {
  inherit (tables)
    abis
    cpuTypes
    execFormats
    kernelFamilies
    kernels
    significantBytes
    vendors
    ;

  # a runs what was made for b.
  isCompatible =
    a: b:
    lib.any (step: step.key == a.name) (
      builtins.genericClosure {
        startSet = [ { key = b.name; } ];
        operator = step: map (key: { inherit key; }) (successors.${step.key} or [ ]);
      }
    );

  # { cpu, vendor, kernel, abi } of the names; what is missing is inferred.
  mkSkeletonFromList =
    parts:
    let
      n = length parts;
      at = elemAt parts;
      second = at 1;
      third = at 2;
      text = lib.concatStringsSep "-" parts;
    in
    if n == 1 then
      if parts == [ "avr" ] then
        {
          cpu = "avr";
          kernel = "none";
          abi = "unknown";
        }
      else
        throw "Target specification with 1 components is ambiguous: ${text}"
    else if n == 2 then
      if second == "elf" then
        {
          cpu = at 0;
          vendor = "unknown";
          kernel = "none";
          abi = second;
        }
      else
        {
          cpu = at 0;
          kernel = second;
        }
    else if n == 3 then
      if third == "mingw32" then
        {
          cpu = at 0;
          vendor = second;
          kernel = "windows";
          abi = "gnu";
        }
      else if second == "none" && abis ? ${third} then
        {
          cpu = at 0;
          vendor = "unknown";
          kernel = "none";
          abi = third;
        }
      else if second == "linux" || (lib.elem third [ "eabi" "eabihf" "elf" "gnu" ] && !(vendors ? ${second})) then
        {
          cpu = at 0;
          kernel = second;
          abi = third;
        }
      else
        {
          cpu = at 0;
          vendor = second;
          kernel = third;
        }
    else if n == 4 then
      {
        cpu = at 0;
        vendor = second;
        kernel = third;
        abi = at 3;
      }
    else
      throw "system string '${text}' has invalid number of hyphen-separated components";

  mkSystemFromSkeleton =
    {
      cpu,
      vendor ? null,
      kernel,
      abi ? null,
    }:
    let
      cpu' = if cpu == "arm64" || cpu == "arm64e" then "aarch64" else cpu;
      kernel' = splitVersion (if kernel == "mingw32" then "windows" else kernel);
      parts = {
        cpu = lookup "CPU type" cpuTypes cpu';
        kernel = lookup "kernel" kernels kernel';
        vendor =
          if vendor != null then
            lookup "vendor" vendors vendor
          else if parts.kernel.families ? darwin then
            vendors.apple
          else if parts.kernel == kernels.windows || parts.kernel == kernels.cygwin then
            vendors.pc
          else
            vendors.unknown;
        abi =
          if abi != null then
            lookup "ABI" abis abi
          else if parts.kernel == kernels.windows then
            abis.msvc
          else if parts.kernel != kernels.linux then
            abis.unknown
          else if parts.cpu.family == "arm" && parts.cpu.bits == 32 && parts.cpu ? version then
            (if lib.versionAtLeast parts.cpu.version "6" then abis.gnueabihf else abis.gnueabi)
          else if parts.cpu == cpuTypes.powerpc64 then
            abis.gnuabielfv1
          else
            abis.gnu;
      };
    in
    mkSystem parts;

  mkSystem =
    components:
    assert isSystemParts components;
    lib.setType "system" components;
  isSystemParts =
    c: isKind "cpu-type" c.cpu && isKind "vendor" c.vendor && isKind "kernel" c.kernel && isKind "abi" c.abi;
  isSystem = isKind "system";
  mkSystemFromString = text: mkSystemFromSkeleton (mkSkeletonFromList (lib.splitString "-" text));

  kernelName = kernel: kernel.name + toString (kernel.version or "");
  doubleFromSystem =
    { cpu, kernel, ... }:
    let
      name = if kernel.families ? darwin then "darwin" else kernelName kernel;
    in
    "${cpu.name}-${name}";
  tripleFromSystem =
    {
      cpu,
      vendor,
      kernel,
      abi,
      ...
    }@system:
    assert isSystem system;
    let
      cpuName = if kernel.families ? darwin && cpu == cpuTypes.aarch64 then "arm64" else cpu.name;
    in
    "${cpuName}-${vendor.name}-${kernelName kernel}${lib.optionalString (abi != abis.unknown) "-${abi.name}"}";

  # Old spellings.
  tripleFromSkeleton = skeleton: tripleFromSystem (mkSystemFromSkeleton skeleton);
}
