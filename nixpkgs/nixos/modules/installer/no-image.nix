# SPDX-License-Identifier: GPL-2.0-or-later
# What the modules of images come down to: asked for the image, they say what there is instead. names: the attributes of system.build; what: the image, for
# the warning that importing such a module gives (null: it is also what an installed machine imports, which is nothing to warn of).
{ names, what ? null }:
{ lib, ... }:
let
  instead = "kernix makes kernels, initrds and boot entries for an installed distribution, no images";
  refuse = name: throw "system.build.${name}: ${instead}. Build `system` (or `vm`, to try it), and make it the next boot of an installed distribution with nixos-rebuild.";
in
{
  system.build = lib.genAttrs names (name: lib.mkDefault (refuse name));
  warnings = lib.optional (what != null) "${what} is not made: ${instead}. The system itself is built as configured.";
}
