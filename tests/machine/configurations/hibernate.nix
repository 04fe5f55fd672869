# SPDX-License-Identifier: GPL-2.0-or-later
{
  boot.resumeDevice = "/dev/group/swap";
}
