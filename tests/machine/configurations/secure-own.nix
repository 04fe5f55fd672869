# SPDX-License-Identifier: GPL-2.0-or-later
{
  boot.kernix.secureBoot = {
    enable = true;
    keyFile = "/etc/kernix/secureboot/db.key";
    certFile = "/etc/kernix/secureboot/db.pem";
  };
}
