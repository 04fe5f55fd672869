#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Machines (the table `machines`), one QEMU guest a row: Debian on that layout gets kernix and a generation as its user would give it, starts it, is
# given a kernel that panics, and comes back with the good one without a key pressed. run.sh [ROW...]; LIMIT: seconds for each of a row's runs; JOBS: rows at the same time;
# KEEP=1 leaves the disks. The consoles are in BUILD/machine/logs: ROW.install, ROW.starts. A row takes about three minutes of a processor.
: "${KERNIX_SRC:=$(cd "$(dirname "$0")/../.." && pwd)}" "${KERNIX_BUILD:=$KERNIX_SRC/build}"
source "$KERNIX_SRC/tests/machine/lib.sh"
limit=${LIMIT:-1800} silence=600 jobs=${JOBS:-$(nproc)} running=0 passphrase='two words'
rows_passed=0 rows_failed=0 rows_open=()

# What is typed: the passphrase, each time that the console asks once more. A machine that says nothing for long is turned off. watch LOG FIFO PID-OF-QEMU
watch() {
  local typed=0 asked size=0 quiet=$SECONDS
  exec 4>"$2"
  while sleep 0.3; do
    if [ "$(stat -c %s "$1")" != "$size" ]; then size=$(stat -c %s "$1") quiet=$SECONDS; fi
    if [ $((SECONDS - quiet)) -gt "$silence" ]; then
      echo "NOTHING WAS SAID FOR $silence SECONDS" >>"$1"
      kill "$3"
      return
    fi
    asked=$(grep -aoc 'Passphrase for ' "$1")
    [ "$asked" -gt "$typed" ] || continue
    typed=$asked
    [[ " $else " != *" types "* ]] || printf '%s\n' "$passphrase" >&4
  done
}
# machine LOG OPTION...: QEMU with this row's disks and firmware. Nothing is ever typed but a passphrase, where the row says so.
machine() {
  local log=$1 i options=() qemu watcher
  shift
  for i in $(seq 0 $((disks - 1))); do
    [ -e "$W/d$i.img" ] || continue
    options+=(-drive "file=$W/d$i.img,if=none,id=d$i,format=raw,cache=unsafe,discard=unmap" -device "virtio-blk,drive=d$i,serial=d$i")
  done
  if [ "$firmware" = uefi ]; then
    [ -e "$W/vars.fd" ] || cp /usr/share/OVMF/OVMF_VARS_4M.fd "$W/vars.fd"
    options+=(-drive if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd -drive "if=pflash,format=raw,file=$W/vars.fd")
  fi
  : >"$log"
  rm -f "$W/keys" && mkfifo "$W/keys"
  timeout -k 5 "$limit" qemu-system-x86_64 -machine q35 -accel tcg -cpu max -m 1024 -nodefaults -display none -serial stdio "${options[@]}" "$@" <"$W/keys" >>"$log" 2>&1 &
  qemu=$!
  watch "$log" "$W/keys" $qemu &
  watcher=$!
  wait $qemu || echo "QEMU ENDS WITH $?" >>"$log"
  kill "$watcher" 2>/dev/null && wait "$watcher" 2>/dev/null || :
  sed -i 's/\r//g' "$log"
}

row_file() { # what the guest knows of its row
  printf '%s=%q\n' NAME "$name" FIRMWARE "$firmware" LOADER "$loader" LAYOUT "$layout" PASSPHRASE "$passphrase" ELSE "$else" NIX "$nix" >"$W/row"
  truncate -s 64k "$W/row"
}
install_machine() {
  local i
  for i in $(seq 0 $((disks - 1))); do truncate -s 2600M "$W/d$i.img"; done
  row_file
  machine "$log.install" -no-reboot -drive "file=$house/medium.img,if=none,id=m,format=raw,snapshot=on" -device virtio-blk,drive=m -drive "file=$W/row,if=none,id=row,format=raw" \
    -device virtio-blk,drive=row,serial=row -kernel "$KERNEL" -initrd "$house/installer-initrd" -append "console=ttyS0 panic=-1 quiet no_timer_check mitigations=off init=/usr/local/lib/machine/install"
  seen "$log.install" '^INSTALLED$'
}
seen() { # LOG PATTERN...
  local log=$1 pattern bad=0
  shift
  for pattern; do
    says "$log" "$pattern" || {
      echo "    not on the console: $pattern"
      bad=1
    }
  done
  return $bad
}
never() { ! says "$1" "$2" || { echo "    on the console: $(grep -aE -m 1 -- "$2" "$1")"; return 1; }; }

judge() { # what a start of the machine must have said; both starts are on the new kernel
  local n bad=0
  for n in 1 2; do
    seen "$log" "^START $n kernel 6\.12\." "^START $n root $root$" "^START $n confirm success active" "^START $n status default: kernix-1" "^START $n ends" || bad=1
  done
  seen "$log" '^BROKEN status next boot: kernix-2, on trial' 'Kernel panic - not syncing' '^START 2 status .*kernix-1 .*running' || bad=1
  never "$log" '^START [0-9] failed unit' || bad=1
  [[ " $else " != *" hibernates "* ]] || seen "$log" '^HIBERNATES' '^AWAKE AGAIN' || bad=1
  return $bad
}
run_row() { # in a process of its own; 0: passed
  local start=$SECONDS option good=1
  log=$house/logs/$name nix=
  W=$W/$name
  mkdir "$W"
  rm -f "$log".*
  for option in $else; do [[ $option != nix=* ]] || nix=${option#nix=}; done
  if install_machine; then
    for option in $else; do [[ $option != loses-* ]] || rm "$W/d${option#loses-}.img"; done
    machine "$log.starts"
    if [[ " $else " == *" hibernates "* ]]; then
      machine "$log.awake"
      cat "$log.awake" >>"$log.starts"
    fi
    log=$log.starts
    judge && good=0
  else
    log=$log.install
  fi
  [ -n "${KEEP:-}" ] || rm -rf "$W"
  if [ $good = 0 ]; then
    printf '%-24s passed  %4s s\n' "$name" $((SECONDS - start))
  else
    printf '%-24s FAILED  %4s s; %s\n' "$name" $((SECONDS - start)) "$log"
    tail -n 25 "$log" | sed 's/^/    | /'
  fi
  return $good
}
count_row() { # ends when one of the running rows has ended
  if wait -n; then rows_passed=$((rows_passed + 1)); else rows_failed=$((rows_failed + 1)); fi
  running=$((running - 1))
}

wanted=" $* " known=' '
house_is_ready || exit 1
while IFS='|' read -r name where disks else root layout <&3; do
  case $name in '' | '#'*) continue ;; esac
  known+="$name "
  [ "$wanted" = '  ' ] || [[ $wanted == *" $name "* ]] || continue
  if [ "$where" = 'not yet' ]; then
    rows_open+=("$name")
    printf '%-24s no such machine is made here yet: nothing was run\n' "$name"
    continue
  fi
  firmware=${where% *} loader=${where#* }
  [ $running -lt "$jobs" ] || count_row
  run_row 3<&- &
  running=$((running + 1))
done 3<"$here/machines"
while [ $running -gt 0 ]; do count_row; done
for name in "$@"; do
  [[ $known == *" $name "* ]] || {
    echo "$name: no such row in tests/machine/machines"
    rows_failed=$((rows_failed + 1))
  }
done
[ ${#rows_open[@]} = 0 ] || echo "not made yet, neither passed nor failed: ${rows_open[*]}"
[ -z "${KERNIX_REPORT-}" ] || echo "$rows_passed $rows_failed 0" >"$KERNIX_REPORT"
echo "$rows_passed passed, $rows_failed failed"
[ "$rows_failed" = 0 ] && [ "$rows_passed" != 0 ]
