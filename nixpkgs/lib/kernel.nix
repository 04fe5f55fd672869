# SPDX-License-Identifier: GPL-2.0-or-later
# Requests for Kconfig symbols, as structuredExtraConfig takes them: `yes`, `no`, `module`, `freeform "value"`, each
# maybe `option`al (no error if it cannot hold), and conditions on the version of the kernel.
{ lib }:

let
  tristate = value: {
    tristate = value;
    optional = false;
  };
in
{
  yes = tristate "y";
  no = tristate "n";
  module = tristate "m";
  unset = tristate null;
  freeform = value: {
    freeform = value;
    optional = false;
  };
  option = request: request // { optional = true; };

  # `with whenHelpers version;` gives whenAtLeast, whenOlder and whenBetween for a kernel of that version.
  whenHelpers =
    version:
    let
      atLeast = lib.versionAtLeast version;
      older = lib.versionOlder version;
    in
    {
      whenAtLeast = first: lib.mkIf (atLeast first);
      whenOlder = limit: lib.mkIf (older limit);
      whenBetween = first: limit: lib.mkIf (atLeast first && older limit);
    };
}
