# SPDX-License-Identifier: GPL-2.0-or-later
# Stand-ins for the store paths of many kernels: as many derivations, outputs and references a kernel as the demo's system
# has, but nothing is built. bench/store.sh registers the outputs.
{ n ? 10 }:
let
  drv = name: outputs: inputs: derivation {
    inherit name outputs inputs;
    system = builtins.currentSystem;
    builder = "/bin/sh";
    args = [ (builtins.toFile "${name}.sh" "exit 1 # ${name}") ];
    makeFlags = builtins.genList (i: "OPTION_${toString i}=${name}") 40;
  };
  # What all kernels share: compilers, tools, the stdenv.
  tools = builtins.foldl' (known: i: known ++ [ (drv "tool-${toString i}" [ "out" ] (if known == [ ] then [ ] else [ (builtins.elemAt known (i / 2)) ])) ]) [ ] (builtins.genList (i: i) 24);
  some = i: builtins.genList (k: builtins.elemAt tools ((i + k * 5) - (i + k * 5) / 24 * 24)) 5;
  kernel = i:
    let
      v = "6.12.${toString i}";
      tarball = drv "linux-${v}.tar.xz" [ "out" ] (some i);
      source = drv "linux-source-${v}" [ "out" ] ([ tarball ] ++ some i);
      config = drv "linux-config-${v}" [ "out" ] ([ source ] ++ some (i + 1));
      image = drv "linux-${v}" [ "out" "dev" "modules" ] ([ source config ] ++ tools);
      hello = drv "hello-${v}" [ "out" ] ([ image.dev ] ++ some i);
      modules = drv "kernel-modules-${v}" [ "out" ] ([ image.modules hello ] ++ some i);
      initrd = drv "initrd-${v}" [ "out" ] ([ modules ] ++ some i);
      etc = drv "etc-${v}" [ "out" ] (some i);
      system = drv "nixos-system-${v}" [ "out" ] ([ image initrd modules etc ] ++ some i);
    in [ tarball source config image hello modules initrd etc system ];
  kernels = builtins.genList kernel n;
  all = tools ++ builtins.concatLists kernels;
in {
  systems = map (k: builtins.elemAt k 8) kernels;
  one = builtins.elemAt (builtins.head kernels) 8;
  tool = builtins.head tools;
  # One line a path in the form of `nix-store --load-db`, without hash and size; the outputs of inputs are its references.
  paths = builtins.concatLists (map (d: map (o: {
    path = builtins.unsafeDiscardStringContext d.${o}.outPath;
    deriver = builtins.unsafeDiscardStringContext d.drvPath;
    refs = map (p: builtins.unsafeDiscardStringContext "${p}") d.inputs;
  }) d.outputs) all);
}
