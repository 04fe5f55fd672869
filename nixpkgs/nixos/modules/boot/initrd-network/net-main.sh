#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Started by stage 1 beside its own work: network, the configuration's commands, then the ssh server, which stays until stage 2 starts.
# What is said here goes to the kernel's log; what a person has to see, to the console.
PATH=/sbin:/bin HOME=/root
export PATH HOME
state=/run/stage1-network keys=/run/stage1-keys
ssh='' port=22 host_keys=''
[ ! -e /etc/stage1/network ] || . /etc/stage1/network
cd /

net-up || echo "stage 1: the network is not up" >/dev/console
if [ -e /etc/stage1/post-commands ]; then . /etc/stage1/post-commands; fi
: >"$state/commands-done"
[ -n "$ssh" ] || exit 0

mkdir -p /etc/dropbear "$keys"
chmod 700 "$keys"
set --
for key in $host_keys; do
  file=$keys/$(echo "$key" | tr / _)
  if [ ! -e "$key" ]; then
    echo "stage 1: the ssh host key $key is not in this initrd (boot.initrd.secrets are added when the boot entry is written)" >/dev/console
  elif dropbearconvert openssh dropbear "$key" "$file" >/dev/null 2>&1 || { dropbearkey -y -f "$key" >/dev/null 2>&1 && cp "$key" "$file"; }; then
    set -- "$@" -r "$file"
  else
    echo "stage 1: the ssh host key $key cannot be read (is it locked by a passphrase?)" >/dev/console
  fi
done
if [ $# = 0 ] && [ -n "$host_keys" ]; then
  echo "stage 1: no ssh server, since there is no host key" >/dev/console
  exit 1
fi
address=$(ip -4 addr show scope global | sed -n 's|.* inet \([0-9.]*\)/.*|\1|p' | head -n 1)
# No passwords, no forwarding; a session that is gone ends. Without host keys of the user's one is made at the first connection.
dropbear -F -E -s -j -k -K 30 -p "$port" "$@" $([ $# != 0 ] || echo -R) &
# The way in is told when it is open.
port_hex=$(printf %04X "$port") n=0
until grep -q ":$port_hex 0*:0000 0A" /proc/net/tcp || [ $n = 100 ]; do
  sleep 0.1
  n=$((n + 1))
done
echo "stage 1: ssh -p $port root@${address:-THIS-MACHINE} leads here; cryptsetup-askpass unlocks it" >/dev/console
wait
