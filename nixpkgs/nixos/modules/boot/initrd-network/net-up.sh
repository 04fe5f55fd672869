#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# net-up: brings the network of stage 1 up, as ip= on the kernel command line and the configuration say, and waits until it is. Exit
# status 0: an interface has an address. Whoever calls it a second time waits for the first and hears the same.
# /etc/stage1/network: dhcp=1 (of every interface that ip= does not name), dhcp_args, wait (seconds for an interface and its cable).
PATH=/sbin:/bin
state=/run/stage1-network
dhcp=1 dhcp_args='' wait=10
[ ! -e /etc/stage1/network ] || . /etc/stage1/network

if ! mkdir "$state" 2>/dev/null; then
  while [ ! -e "$state/result" ]; do sleep 1; done
  exit "$(cat "$state/result")"
fi
end() { # STATUS
  echo "$1" >"$state/result.new" && mv "$state/result.new" "$state/result"
  exit "$1"
}

interfaces() { # the names of network cards
  local i
  for i in /sys/class/net/*; do
    [ ! -e "$i/device" ] || echo "${i##*/}"
  done
}
# The name that udev would give: there is none here, and people write what their running system shows.
predictable() { # INTERFACE
  local at bus slot function prefix=''
  at=$(readlink -f "/sys/class/net/$1/device")
  # A virtio card is a child of its PCI device.
  while [ -n "$at" ]; do
    case ${at##*/} in ????:??:??.?) break ;; esac
    at=${at%/*}
  done
  [ -n "$at" ] || return 0
  at=${at##*/}
  [ "${at%%:*}" = 0000 ] || prefix=P$((0x${at%%:*}))
  bus=${at#*:} slot=${at##*:} function=${at##*.}
  bus=${bus%%:*} slot=${slot%%.*}
  [ "$function" = 0 ] && [ ! -e "/sys/bus/pci/devices/${at%.*}.1" ] && function='' || function=f$function
  echo "en${prefix}p$((0x$bus))s$((0x$slot))$function"
}
# The card that is meant by NAME, eth0 or as udev calls it; the only one there is where nothing fits.
card() { # NAME
  local i mac all
  if [ -e "/sys/class/net/$1" ]; then echo "$1" && return; fi
  for i in $(interfaces); do
    mac=$(cat "/sys/class/net/$i/address" | tr -d :)
    if [ "$1" = "enx$mac" ] || [ "$1" = "$(predictable "$i")" ]; then echo "$i" && return; fi
  done
  all=$(interfaces)
  if [ -n "$all" ] && [ "$all" = "${all%% *}" ] && [ "$(echo "$all" | wc -l)" = 1 ]; then
    echo "stage 1: there is no interface $1; its only one is $all" >&2
    echo "$all"
  fi
}
card_wait() { # NAME: the same, as soon as it is there; NAME empty: any
  local n=0 found=''
  while [ $n -le $((wait * 5)) ]; do
    if [ -n "$1" ]; then found=$(card "$1"); else found=$(interfaces | head -n 1); fi
    if [ -n "$found" ]; then echo "$found" && return; fi
    sleep 0.2
    n=$((n + 1))
  done
  echo "stage 1: ${1:-a network interface} did not appear in $wait seconds (boot.initrd.availableKernelModules names its driver)" >&2
  return 1
}
carrier_wait() { # INTERFACE
  local n=0
  ip link set dev "$1" up
  while [ "$(cat "/sys/class/net/$1/carrier" 2>/dev/null)" != 1 ] && [ $n -le $((wait * 5)) ]; do
    sleep 0.2
    n=$((n + 1))
  done
}
has_address() { ip -4 addr show dev "$1" scope global | grep -q ' inet '; }
prefix_of() { # MASK: 255.255.255.0 is 24
  local bits=0 part IFS=.
  case $1 in *.*) ;; *) echo "${1:-24}" && return ;; esac
  for part in $1; do
    while [ "$part" -gt 0 ]; do
      bits=$((bits + part % 2)) part=$((part / 2))
    done
  done
  echo "$bits"
}

lease() { # INTERFACE: a lease, renewed until stage 2 starts
  carrier_wait "$1"
  # shellcheck disable=SC2086 # a list of words
  udhcpc -i "$1" -b -t 5 -T 2 -A 10 -O staticroutes -s /sbin/net-dhcp $dhcp_args >/dev/null 2>&1
  has_address "$1" && return
  echo "stage 1: no DHCP server answered on $1; it is asked again and again" >&2
  return 1
}
static() { # INTERFACE ADDRESS GATEWAY MASK DNS...
  local interface=$1 gateway=$3
  carrier_wait "$interface"
  ip addr add "$2/$(prefix_of "$4")" broadcast + dev "$interface" 2>/dev/null || ip addr add "$2/$(prefix_of "$4")" dev "$interface" || return
  [ -z "$gateway" ] || ip route add default via "$gateway" dev "$interface" 2>/dev/null || ip route add default via "$gateway" dev "$interface" onlink
  shift 4
  for server; do [ -z "$server" ] || echo "nameserver $server" >>/etc/resolv.conf; done
}
# ip=CLIENT:SERVER:GATEWAY:MASK:HOSTNAME:DEVICE:HOW:DNS:DNS, or ip=HOW, as in the kernel's nfsroot.rst; ip=DEVICE:HOW as others have it.
obey() { # VALUE
  local value=$1 interface how=''
  case $value in
    off | none) dhcp=0 && return 1 ;;
    dhcp | on | any | both | bootp | rarp) value=::::::dhcp ;;
    *:*:*) ;;
    *:*) value=:::::${value%%:*}:${value#*:} ;;
    *) value=$value:::::: ;;
  esac
  local IFS=:
  # shellcheck disable=SC2086 # split at colons
  set -- $value
  unset IFS
  how=${7-}
  [ -z "${5-}" ] || hostname "$5" 2>/dev/null || :
  interface=$(card_wait "${6-}") || return 1
  done="$done $interface"
  case $how in
    off | none | static | '') [ -z "$1" ] || { static "$interface" "$1" "${3-}" "${4-}" "${8-}" "${9-}" && return; } ;;
  esac
  case $how in
    off | none | static) return 1 ;;
    *) lease "$interface" ;;
  esac
}

done='' up=1
ip link set dev lo up
for word in $(cat /proc/cmdline); do
  case $word in
    ip=*) obey "${word#ip=}" && up=0 ;;
    --) break ;;
  esac
done
if [ -z "$done" ] && [ "$dhcp" = 1 ] && card_wait '' >/dev/null; then
  for interface in $(interfaces); do
    lease "$interface" && up=0
    done="$done $interface"
  done
fi
echo "$done" >"$state/interfaces"
end $up
