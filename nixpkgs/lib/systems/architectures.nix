# SPDX-License-Identifier: GPL-2.0-or-later
# Values of gcc's -march: the instruction set extensions that each has, and which older ones' code it runs.
{ lib }:

let
  sse42 = [ "sse3" "ssse3" "sse4_1" "sse4_2" ];
  aes = sse42 ++ [ "aes" ];
  avx = aes ++ [ "avx" ];
  avx2 = avx ++ [ "avx2" "fma" ];
  avx512 = avx2 ++ [ "avx512" ];
in
rec {
  features = {
    default = [ ];
    x86-64 = [ ];
    x86-64-v2 = sse42;
    x86-64-v3 = sse42 ++ [ "avx" "avx2" "fma" ];
    x86-64-v4 = sse42 ++ [ "avx" "avx2" "avx512" "fma" ];

    nehalem = aes;
    westmere = aes;
    silvermont = aes;
    sandybridge = avx;
    ivybridge = avx;
    haswell = avx2;
    broadwell = avx2;
    skylake = avx2;
    alderlake = avx2;
    rocketlake = avx512;
    sapphirerapids = avx512;
    emeraldrapids = avx512;
    sierraforest = avx2;
    skylake-avx512 = avx512;
    cannonlake = avx512;
    icelake-client = avx512;
    icelake-server = avx512;
    cascadelake = avx512;
    cooperlake = avx512;
    tigerlake = avx512;

    btver1 = sse42;
    btver2 = avx;
    bdver1 = avx ++ [ "fma4" ];
    bdver2 = avx ++ [ "fma" "fma4" ];
    bdver3 = avx ++ [ "fma" "fma4" ];
    bdver4 = avx2 ++ [ "fma4" ];
    znver1 = avx2;
    znver2 = avx2;
    znver3 = avx2;
    znver4 = avx512;
    znver5 = avx512;

    "armv8-a" = [ ];
    loongson2f = [ ];
    "la64v1.0" = [ ];
    "la64v1.1" = [ ];
  };

  # The next older ones; canExecute follows them down.
  predecessors = {
    x86-64-v2 = [ "x86-64" ];
    x86-64-v3 = [ "x86-64-v2" ];
    x86-64-v4 = [ "x86-64-v3" ];
    nehalem = [ "x86-64-v2" ];
    westmere = [ "nehalem" ];
    silvermont = [ "nehalem" ];
    sandybridge = [ "westmere" ];
    ivybridge = [ "sandybridge" ];
    haswell = [ "ivybridge" "x86-64-v3" ];
    broadwell = [ "haswell" ];
    skylake = [ "broadwell" ];
    skylake-avx512 = [ "skylake" "x86-64-v4" ];
    cannonlake = [ "skylake-avx512" ];
    icelake-client = [ "cannonlake" ];
    icelake-server = [ "icelake-client" ];
    cascadelake = [ "skylake-avx512" ];
    cooperlake = [ "cascadelake" ];
    tigerlake = [ "icelake-client" ];
    rocketlake = [ "icelake-client" ];
    sapphirerapids = [ "icelake-server" ];
    emeraldrapids = [ "sapphirerapids" ];
    alderlake = [ "skylake" ];
    sierraforest = [ "alderlake" ];
    btver1 = [ "x86-64-v2" ];
    btver2 = [ "btver1" ];
    bdver1 = [ "x86-64-v2" ];
    bdver2 = [ "bdver1" ];
    bdver3 = [ "bdver2" ];
    bdver4 = [ "bdver3" "x86-64-v3" ];
    znver1 = [ "x86-64-v3" ];
    znver2 = [ "znver1" ];
    znver3 = [ "znver2" ];
    znver4 = [ "znver3" "x86-64-v4" ];
    znver5 = [ "znver4" ];
    "la64v1.1" = [ "la64v1.0" ];
  };
  # All older ones, nearest first.
  inferiors = builtins.mapAttrs (
    name: _:
    map (x: x.key) (
      builtins.tail (
        builtins.genericClosure {
          startSet = [ { key = name; } ];
          operator = x: map (key: { inherit key; }) (predecessors.${x.key} or [ ]);
        }
      )
    )
  ) features;

  # Whether gcc's value b is a newer one than a, or the same.
  canExecute = newer: older: newer == older || lib.elem older (inferiors.${newer} or [ ]);

  predicates =
    let
      has = feature: arch: lib.elem feature (features.${arch} or [ ]);
    in
    {
      sse3Support = has "sse3";
      ssse3Support = has "ssse3";
      sse4_1Support = has "sse4_1";
      sse4_2Support = has "sse4_2";
      sse4_aSupport = has "sse4a";
      avxSupport = has "avx";
      avx2Support = has "avx2";
      avx512Support = has "avx512";
      aesSupport = has "aes";
      fmaSupport = has "fma";
      fma4Support = has "fma4";
    };
}
