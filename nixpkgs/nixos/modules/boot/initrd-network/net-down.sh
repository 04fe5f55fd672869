#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Takes the network down again, so that stage 2 finds it as after a start without it (boot.initrd.network.flushBeforeStage2).
PATH=/sbin:/bin
for interface in $(cat /run/stage1-network/interfaces 2>/dev/null); do
  ip addr flush dev "$interface"
  ip link set dev "$interface" down
done
rm -f /etc/resolv.conf
