# SPDX-License-Identifier: GPL-2.0-or-later
{
  boot.kernix.secureBoot = {
    enable = true;
    keyFile = "/etc/kernix/secureboot/mok.key";
    certFile = "/etc/kernix/secureboot/mok.pem";
  };
}
