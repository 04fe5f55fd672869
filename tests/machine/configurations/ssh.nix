# SPDX-License-Identifier: GPL-2.0-or-later
{ lib, ... }:
{
  boot.initrd.network = {
    enable = true;
    ssh = {
      enable = true;
      port = 2222;
      authorizedKeys = [ (lib.fileContents /usr/local/lib/machine/keys/client.pub) ];
      hostKeys = [ "/usr/local/lib/machine/keys/host" ];
    };
  };
}
