# SPDX-License-Identifier: GPL-2.0-or-later
# Machines that are folders of files as a kernel has them in /proc, /sys and /dev, made piece by piece. To be sourced after lib.sh.

# machine NAME: begins a folder; the functions below add to it.
machine() {
  M=$work/$1
  mkdir -p "$M/proc/self" "$M/sys/dev/block" "$M/sys/block" "$M/sys/devices/pci0000:00" "$M/sys/bus/pci/devices" "$M/sys/module" "$M/dev/disk/by-uuid" "$M/dev/disk/by-id"
  printf 'Filename\tType\tSize\tUsed\tPriority\n' >"$M/proc/swaps"
  printf 'vendor_id\t: GenuineIntel\nflags\t: fpu vmx sse\n' >"$M/proc/cpuinfo"
  echo 'BOOT_IMAGE=/vmlinuz quiet' >"$M/proc/cmdline"
  printf '20 1 0:20 / /proc rw - proc proc rw\n21 1 0:21 / /run rw - tmpfs tmpfs rw\n' >"$M/proc/self/mountinfo"
}
bind_driver() { # FOLDER MODULE [DRIVER]: DRIVER- is one that is built in
  local driver=${3:-$2}
  mkdir -p "$M/sys/drivers/${driver%-}"
  case $driver in *-) driver=${driver%-} ;; *)
    mkdir -p "$M/sys/module/$2"
    ln -sfn "$M/sys/module/$2" "$M/sys/drivers/$driver/module"
    ;;
  esac
  ln -sfn "$M/sys/drivers/$driver" "$1/driver"
}
pci() { # ADDRESS CLASS MODULE
  local d="$M/sys/devices/pci0000:00/$1"
  mkdir -p "$d"
  echo "$2" >"$d/class"
  bind_driver "$d" "$3"
  ln -sfn "$d" "$M/sys/bus/pci/devices/$1"
}
device() { # PLACE-BELOW-DEVICES BUS MODALIAS [MODULE [DRIVER]]
  local d="$M/sys/devices/$1"
  mkdir -p "$d" "$M/sys/bus/$2"
  echo "$3" >"$d/modalias"
  ln -sfn "$M/sys/bus/$2" "$d/subsystem"
  [ -z "${4:-}" ] || bind_driver "$d" "$4" "${5:-}"
}
block() { # NUMBER PLACE-BELOW-DEVICES [UUID [SLAVE-PLACE...]]
  local d="$M/sys/devices/$2" name=${2##*/} slave
  mkdir -p "$d/slaves"
  ln -sfn "$d" "$M/sys/dev/block/$1"
  : >"$M/dev/$name"
  [ -z "${3:-}" ] || ln -s "../../$name" "$M/dev/disk/by-uuid/$3"
  shift 2
  for slave in "${@:2}"; do ln -s "$M/sys/devices/$slave" "$d/slaves/${slave##*/}"; done
}
partition() { # NUMBER PLACE-BELOW-DEVICES [UUID]
  block "$@"
  echo 1 >"$M/sys/devices/$2/partition"
}
mapped() { # PLACE NAME UUID
  mkdir -p "$M/sys/devices/$1/dm"
  echo "$2" >"$M/sys/devices/$1/dm/name"
  echo "$3" >"$M/sys/devices/$1/dm/uuid"
}
mounted() { echo "$(($(wc -l <"$M/proc/self/mountinfo") + 30)) 1 $1 $2 $3 rw,relatime shared:1 - $4 $5 ${6:-rw}" >>"$M/proc/self/mountinfo"; } # NUMBER ROOT WHERE TYPE SOURCE [OPTIONS]
maker() { # MAKER PRODUCT
  mkdir -p "$M/sys/class/dmi/id"
  echo "$1" >"$M/sys/class/dmi/id/sys_vendor"
  echo "$2" >"$M/sys/class/dmi/id/product_name"
}
