# SPDX-License-Identifier: GPL-2.0-or-later
# An argument that only a flake gives.
{ hostname, username, ... }:
{
  users.users.${username}.isNormalUser = true;
  networking.hostName = hostname;
}
