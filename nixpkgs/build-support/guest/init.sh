#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Stage 2 of a system without systemd: brings up what the system's etc/ declares, then runs the guest's script or a shell.
#
#   $system/etc                 linked into /etc
#   /etc/modprobe.d             obeyed by modprobe          /etc/modules-load.d   modules loaded here, in order
#   /etc/sysctl.d               written to /proc/sys, files in the order of their names
#   /run/kernix/guest-script    (from `kernix vm --check`), else $system/etc/kernix/guest-script: run; its exit status is said
#                               in the line "kernix-guest: exit N", and the machine ends
# $tools (the applets) is set by the line before this text.
export PATH="$tools/bin:/run/current-system/sw/bin"
export HOME=/root TERM="${TERM:-linux}"
system=${0%/*}
# As /sbin/init of the image, after the system's own stage 2.
[ -d "$system/etc" ] || system=$(readlink -f /run/booted-system)

say() { echo "stage 2: $*"; }
mounted() { grep -q " $1 " /proc/mounts 2>/dev/null; }
mount_one() { # TYPE WHERE OPTIONS
  mounted "$2" && return
  mkdir -p "$2" 2>/dev/null
  mount -t "$1" -o "$3" "$1" "$2" 2>/dev/null
}

mount_all() {
  mount_one proc /proc nosuid,nodev,noexec
  mount_one sysfs /sys nosuid,nodev,noexec
  mount_one devtmpfs /dev nosuid
  mount_one tmpfs /run nosuid,nodev,mode=755
  mount_one devpts /dev/pts nosuid,noexec,mode=620
  mount_one tmpfs /dev/shm nosuid,nodev
  mount_one debugfs /sys/kernel/debug nosuid,nodev,noexec
  mount -o remount,rw / 2>/dev/null
  mount_one tmpfs /tmp nosuid,nodev
}

link_all() {
  mkdir -p /run/kernix /etc /bin /lib /root /var
  ln -sfn "$system" /run/current-system
  [ -e /run/booted-system ] || ln -sfn "$system" /run/booted-system
  [ -e /bin/sh ] || ln -sfn "$tools/bin/sh" /bin/sh
  # Folders are made and their files linked: busybox's modprobe does not look into a folder that is a link.
  for entry in "$system"/etc/*; do
    target=/etc/${entry##*/}
    if [ -d "$entry" ]; then
      mkdir -p "$target"
      for file in "$entry"/*; do [ -e "$file" ] && ln -sfn "$file" "$target/${file##*/}"; done
    elif [ -e "$entry" ]; then
      ln -sfn "$entry" "$target"
    fi
  done
  [ -e /etc/passwd ] || echo "root:x:0:0:root:/root:/bin/sh" >/etc/passwd
  [ -e /etc/group ] || echo "root:x:0:" >/etc/group
  ln -sfn /proc/mounts /etc/mtab
  for tree in "$system/kernel-modules" "$system/kernel"; do
    if [ -d "$tree/lib/modules" ]; then
      [ -h /lib/modules ] || rm -rf /lib/modules
      ln -sfn "$tree/lib/modules" /lib/modules
      break
    fi
  done
  [ -w /proc/sys/kernel/modprobe ] && echo "$tools/bin/modprobe" >/proc/sys/kernel/modprobe
  for name in $(cat /etc/hostname 2>/dev/null); do hostname "$name"; done
}

words_of() { # FILE...: lines without comments
  cat "$@" 2>/dev/null | sed 's/[#;].*//; s/^[ \t]*//; s/[ \t]*$//; /^$/d'
}

load_modules() {
  words_of /etc/modules-load.d/*.conf | while read -r module; do
    if modprobe "$module" 2>/run/kernix/modprobe-error; then
      echo "$module boot.kernelModules" >>/run/kernix/stage2-modules
    else
      say "module $module: $(head -n 1 /run/kernix/modprobe-error)"
    fi
  done
}

# KEY=VALUE; a '-' before the key means that it may fail; '/' and '.' both separate.
set_sysctls() {
  words_of /etc/sysctl.d/*.conf | while IFS= read -r line; do
    key=${line%%=*} value=${line#*=}
    key=$(echo "$key" | sed 's/[ \t]*$//') value=$(echo "$value" | sed 's/^[ \t]*//')
    quiet=
    case $key in -*) key=${key#-} quiet=1 ;; esac
    case $key in */*) file=/proc/sys/$key ;; *) file=/proc/sys/$(echo "$key" | tr . /) ;; esac
    if [ -e "$file" ]; then
      echo "$value" >"$file" || [ -n "$quiet" ] || say "sysctl $key: cannot be set to '$value'"
    elif [ -z "$quiet" ]; then
      say "sysctl $key: this kernel does not have it"
    fi
  done
}

finish() { # STATUS
  echo "kernix-guest: exit $1"
  exec "$tools/bin/reboot"
}

mount_all
link_all
load_modules
set_sysctls
ip link set lo up 2>/dev/null

for script in /run/kernix/guest-script "$system/etc/kernix/guest-script"; do
  [ -e "$script" ] || continue
  sh "$script"
  finish $?
done
say "$(uname -sr) is up; this is a shell on the console, 'exit' or 'reboot' ends the machine"
cd /root || cd /
# The shell's own reboot, poweroff and halt are signals to process 1, that is to us.
trap '"$tools/bin/reboot"' TERM
trap '"$tools/bin/poweroff"' USR1 USR2
setsid cttyhack sh -l &
wait $!
finish 0
