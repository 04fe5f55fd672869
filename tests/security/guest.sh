#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a guest of `kernix vm` is given of the host, read from the words that QEMU gets: no folder is shared, the image is not written to,
# nothing listens but for this machine.
set -u
cd "$KERNIX_SRC" || exit 1
. tests/cmd/lib.sh
export NIX_REMOTE="local?root=$work/store" HOME=$work NIX_PATH=nixpkgs=$PWD/nixpkgs
cat >"$work/vm.nix" <<'NIX'
with import <nixpkgs> { };
makeVm {
  name = "guest";
  toplevel = runCommand "system" { } "mkdir $out; touch $out/kernel $out/initrd $out/init; echo quiet >$out/kernel-params";
  image = runCommand "image" { } "mkdir $out; echo disk >$out/root.img";
}
NIX
# In the place of QEMU: says its words.
cat >"$work/qemu" <<END
#!/bin/sh
[ "\$1 \$2" != "-netdev help" ] || { echo user; exit 0; }
printf '%s\n' "\$@" >"$work/words"
END
chmod 755 "$work/qemu"
vm=$("$bin/nix-build" --no-out-link "$work/vm.nix" 2>"$work/err") || bad "a virtual machine is built" "$work/err"
words() { # OPTION...: what QEMU is started with
  rm -f "$work/words"
  QEMU=$work/qemu "$KERNIX_BUILD/kernix" vm "$vm" --accel tcg "$@" >"$work/said" 2>&1 </dev/null
  cat "$work/words"
}
all=$(words)
check "QEMU is started" grep -qx -- -kernel <<<"$all"
check "no devices but those that are named" grep -qx -- -nodefaults <<<"$all"
check "no folder of the host is shared" eval '! grep -qE "9p|virtfs|virtiofs|fsdev|smb=|fat:|vvfat" <<<"$all"'
check "the image is not written to" test "$(grep -c '^file=' <<<"$all") $(grep -c '^file=.*snapshot=on' <<<"$all")" = "1 1"
check "nothing of the host's is forwarded to the guest" eval '! grep -qE "hostfwd|guestfwd|bridge|tap" <<<"$all"'
check "nothing listens" eval '! grep -qE "^-s$|^-gdb$|^-vnc$|^-qmp$|server|tcp:|telnet:" <<<"$all"'
all=$(words --gdb)
check "gdb is waited for on this machine only" test "$(grep -E -A1 '^-(s|gdb)$' <<<"$all" | xargs)" = "-gdb tcp:127.0.0.1:1234"
finish
