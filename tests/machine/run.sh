#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Machines (the table `machines`), one QEMU guest a row: Debian on that layout gets kernix and a generation as its user would give it, starts it, is
# given a kernel that panics, and comes back with the good one without a key pressed. run.sh [ROW...]; LIMIT: seconds for each of a row's runs; JOBS: rows at the same time;
# KEEP=1 leaves the disks. A machine that says nothing for SILENCE seconds is given up. The consoles are in BUILD/machine/logs: ROW.install, ROW.starts. A row takes about three minutes of a processor.
: "${KERNIX_SRC:=$(cd "$(dirname "$0")/../.." && pwd)}" "${KERNIX_BUILD:=$KERNIX_SRC/build}"
source "$KERNIX_SRC/tests/machine/lib.sh"
limit=${LIMIT:-7200} silence=${SILENCE:-600} jobs=${JOBS:-$(nproc)} running=0 passphrase='two words'
refusal='Access [Dd]enied|Security Violation|bad shim signature|Verification failed|prohibited by secure boot'
rows_passed=0 rows_failed=0 rows_open=()

# Gives the passphrase from afar, as somebody does who is not at the machine; tried again until stage 1's network is up.
unlock() {
  sed "s/^/[127.0.0.1]:$port /" "$house/keys/host.pub" >"$W/known"
  printf '%s\n' "$passphrase" | timeout 120 ssh -q -F none -p "$port" -i "$house/keys/client" -o UserKnownHostsFile="$W/known" -o StrictHostKeyChecking=yes -o ConnectTimeout=60 \
    root@127.0.0.1 cryptsetup-askpass 2>&1 | tee -a "$W/unlock.log" | grep -q 'this passphrase opens'
}
# What is typed: the passphrase, each time that the console asks once more. A machine that says nothing for long is turned off, and one that
# has refused what is not signed. watch LOG FIFO PID-OF-QEMU
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
    if sed -n '/^UNSIGNED/,$p' "$1" | grep -aqE "$refusal"; then
      kill "$3"
      return
    fi
    asked=$(grep -aoc 'Passphrase for ' "$1" || :) # it counts none with a failure
    [ "$asked" -gt "$typed" ] || continue
    if has unlocked-from-afar; then
      unlock || continue
      echo "UNLOCKED FROM AFAR" >>"$1"
    fi
    typed=$asked
    ! has types || printf '%s\n' "$passphrase" >&4
  done
}
# The chip's state stays between the starts of a machine.
chip() {
  mkdir -p "$W/chip"
  rm -f "$W/chip/sock"
  swtpm socket --tpm2 --tpmstate "dir=$W/chip" --ctrl "type=unixio,path=$W/chip/sock" --terminate >/dev/null 2>&1 &
  until [ -S "$W/chip/sock" ]; do sleep 0.1; done
  options+=(-chardev "socket,id=chip,path=$W/chip/sock" -tpmdev emulator,id=tpm,chardev=chip -device tpm-tis,tpmdev=tpm)
}
# The firmware's variables once the machine is installed: Secure Boot with our keys, or with Microsoft's, and ours for shim.
enroll() { # own|mok
  local list
  cp "/usr/share/OVMF/OVMF_VARS_4M$([ "$1" = mok ] && echo .ms).fd" "$W/vars.fd"
  if [ "$1" = mok ]; then
    sbsiglist --owner 11111111-2222-3333-4444-123456789abc --type x509 --output "$W/mok.esl" "$house/keys/secureboot/mok.cer"
    python3 "$KERNIX_SRC/tests/boot/varstore.py" "$W/vars.fd" MokList 605dab50-e046-4300-abb6-3dd810dd8b23 3 "$W/mok.esl"
  else
    for list in db:d719b2cb-3d3a-4596-a3bc-dad00e67656f KEK:8be4df61-93ca-11d2-aa0d-00e098032b8c PK:8be4df61-93ca-11d2-aa0d-00e098032b8c; do
      python3 "$KERNIX_SRC/tests/boot/varstore.py" "$W/vars.fd" "${list%%:*}" "${list#*:}" 0x27 "$house/keys/secureboot/${list%%:*}.esl"
    done
  fi
}
# machine LOG OPTION...: QEMU with this row's disks and firmware. Nothing is ever typed but a passphrase, where the row says so.
machine() {
  local log=$1 i options=() qemu watcher secboot= q35=q35
  shift
  for i in $(seq 0 $((disks - 1))); do
    [ -e "$W/d$i.img" ] || continue
    options+=(-drive "file=$W/d$i.img,if=none,id=d$i,format=raw,cache=unsafe,discard=unmap" -device "virtio-blk,drive=d$i,serial=d$i")
  done
  if [ "$firmware" = uefi ]; then
    [ -e "$W/vars.fd" ] || cp /usr/share/OVMF/OVMF_VARS_4M.fd "$W/vars.fd"
    if [ -n "$secure" ]; then
      secboot=.secboot q35=q35,smm=on
      options+=(-global driver=cfi.pflash01,property=secure,value=on -global ICH9-LPC.disable_s3=1)
    fi
    options+=(-drive "if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M$secboot.fd" -drive "if=pflash,format=raw,unit=1,file=$W/vars.fd")
  fi
  ! has chip || chip
  port=$((20000 + RANDOM % 20000))
  ! has unlocked-from-afar || options+=(-netdev "user,id=n,hostfwd=tcp:127.0.0.1:$port-10.0.2.15:2222" -device virtio-net,netdev=n)
  : >"$log"
  rm -f "$W/keys" && mkfifo "$W/keys"
  timeout --foreground -k 5 "$limit" qemu-system-x86_64 -machine "$q35" -accel tcg -cpu max -m 1024 -nodefaults -display none -serial stdio "${options[@]}" "$@" <"$W/keys" >>"$log" 2>&1 &
  qemu=$!
  watch "$log" "$W/keys" $qemu &
  watcher=$!
  wait $qemu || echo "QEMU ENDS WITH $?" >>"$log"
  kill "$watcher" 2>/dev/null && wait "$watcher" 2>/dev/null || :
  sed -i 's/\r//g' "$log"
}

row_file() { # what the guest knows of its row
  printf '%s=%q\n' NAME "$name" FIRMWARE "$firmware" LOADER "$loader" LAYOUT "$layout" PASSPHRASE "$passphrase" ELSE "$else" NIX "$nix" SECURE "$secure" >"$W/row"
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
has() { [[ " $else " == *" $1 "* ]]; }
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
  ! has chip || never "$log" 'Passphrase for' || bad=1
  ! has unlocked-from-afar || seen "$log" '^UNLOCKED FROM AFAR' || bad=1
  if [ -n "$secure" ]; then
    seen "$log" '^START 1 status Secure Boot: on: what is not signed is refused' '^UNSIGNED' || bad=1
    sed -n '/^UNSIGNED/,$p' "$log" | grep -aqE "$refusal" || { echo "    an unsigned kernel is not refused" && bad=1; }
    never "$log" '^START 3' || bad=1
  fi
  ! has hibernates || seen "$log" '^HIBERNATES' '^AWAKE AGAIN' || bad=1
  return $bad
}
run_row() { # in a process of its own; 0: passed
  local start=$SECONDS option good=1
  log=$house/logs/$name nix= secure=
  W=$W/$name
  mkdir "$W"
  rm -f "$log".*
  for option in $else; do
    case $option in
      nix=*) nix=${option#nix=} ;;
      secure=*) secure=${option#secure=} ;;
    esac
  done
  if install_machine; then
    [ -z "$secure" ] || enroll "$secure"
    for option in $else; do [[ $option != loses-* ]] || rm "$W/d${option#loses-}.img"; done
    machine "$log.starts"
    if has hibernates; then
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
