# SPDX-License-Identifier: GPL-2.0-or-later
# The pinned packages of Debian's archive, { NAME = { version, arch, filename, sha256, size }; }. lock.json is kept with
# the project; lock.local.json replaces entries whose version the archive dropped meanwhile (tools/debian-lock.sh
# writes both).
let
  read = file: builtins.fromJSON (builtins.readFile file);
in
read ./lock.json // (if builtins.pathExists ./lock.local.json then read ./lock.local.json else { })
