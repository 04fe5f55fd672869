# SPDX-License-Identifier: GPL-2.0-or-later
# Where the system's configuration is when nobody says it.
let
  fromEnvironment = builtins.getEnv "NIXOS_CONFIG";
  found = builtins.tryEval <nixos-config>;
in
if fromEnvironment != "" then /. + fromEnvironment
else if found.success then found.value
else /etc/nixos/configuration.nix
