# SPDX-License-Identifier: GPL-2.0-or-later
# A source that is a link to a folder of the host, or lies behind one: what does the builder see of it?
{ target, below }:
let
  made = name: text: derivation {
    inherit name;
    system = builtins.currentSystem;
    PATH = "/usr/bin:/bin";
    builder = "/bin/sh";
    args = [ "-c" text ];
  };
  link = made "link" (if below == "" then "ln -s ${target} $out" else "mkdir $out; ln -s ${target} $out/below");
in
derivation {
  name = "seen";
  system = builtins.currentSystem;
  PATH = "/usr/bin:/bin";
  source = "${link}${below}";
  options = builtins.toFile "options" "CONFIG_A=1";
  keepObjects = "o source options";
  builder = "/bin/sh";
  args = [ "-c" "if [ -e /src/Kconfig ]; then cat /src/Kconfig; else echo nothing; fi >$out" ];
}
