#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What udhcpc calls when it has a lease (see `busybox udhcpc --help`: the lease is in the environment).
PATH=/sbin:/bin
case $1 in
  deconfig) ip -4 addr flush dev "$interface" ;;
  bound | renew)
    ip addr add "$ip/${mask:-24}" ${broadcast:+broadcast "$broadcast"} dev "$interface" 2>/dev/null
    [ -z "${mtu-}" ] || ip link set dev "$interface" mtu "$mtu"
    # Option 121 replaces the routers, as its standard says.
    if [ -n "${staticroutes-}" ]; then
      # shellcheck disable=SC2086 # pairs of words
      set -- $staticroutes
      while [ $# -gt 1 ]; do
        if [ "$2" = 0.0.0.0 ]; then ip route replace "$1" dev "$interface"; else ip route replace "$1" via "$2" dev "$interface" onlink; fi
        shift 2
      done
    else
      for gateway in ${router-}; do
        ip route replace default via "$gateway" dev "$interface" onlink
        break
      done
    fi
    {
      [ -z "${domain-}" ] || echo "search $domain"
      for server in ${dns-}; do echo "nameserver $server"; done
    } >/etc/resolv.conf
    # Options that NFS roots and the like ask for.
    set >"/run/stage1-network/lease-$interface"
    ;;
esac
exit 0
