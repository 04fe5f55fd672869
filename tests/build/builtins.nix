# SPDX-License-Identifier: GPL-2.0-or-later
# Derivations whose builders are kernix's own, for tests/build/run.sh. `dir` holds files that the test made.
{ dir ? "/nowhere", hash ? "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", rev ? "HEAD", package ? "", version ? "", arch ? "all", address ? "file://${dir}/file", repo ? "file://${dir}/repo" }:
let
  fixed = mode: attrs: derivation ({ system = "builtin"; outputHashMode = mode; outputHash = hash; } // attrs);
  tool = name: script: derivation {
    inherit name; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" script ]; PATH = "/usr/bin:/bin";
  };
  one = tool "one" "mkdir -p $out/bin $out/share/doc; echo 1 > $out/bin/one; echo 1 > $out/share/one; echo 1 > $out/both";
  two = tool "two" "mkdir -p $out/bin $out/lib; echo 2 > $out/bin/two; echo 2 > $out/lib/two; echo 2 > $out/both";
  manifest = builtins.toFile "env-manifest.nix" "[ ]";
  env = first: second: derivation {
    name = "env"; system = "builtin"; builder = "builtin:buildenv"; inherit manifest;
    derivations = [ "true" first 1 one "true" second 1 two ];
  };
in {
  file = fixed "flat" { name = "file"; builder = "builtin:fetchurl"; url = "file:///no/such/file"; urls = "file:///no/such/file file://${dir}/file"; };
  missing = fixed "flat" { name = "missing"; builder = "builtin:fetchurl"; url = "file:///no/such/file"; urls = "file:///nor/this"; };
  program = fixed "recursive" { name = "program"; builder = "builtin:fetchurl"; url = "file://${dir}/file"; executable = "1"; };
  tree = fixed "recursive" { name = "tree"; builder = "builtin:fetchurl"; url = "file://${dir}/tree.tar.gz"; unpack = "1"; };
  nar = fixed "recursive" { name = "nar"; builder = "builtin:fetchurl"; url = "file://${dir}/tree.nar.xz"; unpack = "1"; };
  evil = fixed "recursive" { name = "evil"; builder = "builtin:fetchurl"; url = "file://${dir}/evil.tar"; unpack = "1"; };
  git = fixed "recursive" { name = "git"; builder = "builtin:fetchgit"; url = repo; inherit rev; };
  deb = fixed "flat" { name = "deb"; builder = "builtin:fetch-deb"; inherit package version arch; url = address; };
  env = env 5 6;
  env-collides = env 5 5;
  channel = derivation { name = "channel"; system = "builtin"; builder = "builtin:unpack-channel"; channelName = "mine"; src = "${/. + dir}/tree.tar.gz"; };
  unknown = derivation { name = "unknown"; system = "builtin"; builder = "builtin:unknown"; };
}
