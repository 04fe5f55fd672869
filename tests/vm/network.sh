#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The network of stage 1: a guest whose root is encrypted asks for the passphrase, and somebody gives it over ssh; DHCP and ip=, a shell and
# cryptsetup-askpass as the login, the console that is quicker; stage 2 finds no trace of it.
source "$(dirname "$0")/lib.sh"
debian_kernel
build_stage1
bin=$KERNIX_BUILD/bin
export NIX_REMOTE="local?root=$W/store" NIX_PATH=nixpkgs=$KERNIX_SRC/nixpkgs HOME=$W
mkdir -p "$W/store"
trap 'kill $(cat "$W"/*.pid 2>/dev/null) 2>/dev/null || :; chmod -R u+w "$W"; rm -rf "$W"' EXIT

ssh-keygen -q -t ed25519 -N '' -f "$W/client"
ssh-keygen -q -t ed25519 -N '' -f "$W/host-ed"
ssh-keygen -q -t rsa -b 2048 -N '' -f "$W/host-rsa"

make_initrd() { # NAME CONFIGURATION: with the host keys as boot.initrd.secrets brings them
  local store=$W/store file
  file=$("$bin/nix-build" --no-out-link -E "
    let system = import <nixpkgs/nixos> { configuration = { lib, ... }: {
          fileSystems.\"/\" = { device = \"/dev/mapper/crypt\"; fsType = \"ext4\"; };
          boot.initrd.luks.devices.crypt.device = \"/dev/disk/by-id/virtio-crypt\";
          boot.initrd.network = { enable = true; ssh = { enable = true; port = 2222; authorizedKeys = [ \"$(cat "$W/client.pub")\" ]; hostKeys = [ \"/etc/secrets/host-ed\" /keys/host-rsa ]; }; };
          imports = [ { $2 } ];
        }; };
        inherit (system) config pkgs lib;
        spec = builtins.fromJSON (builtins.unsafeDiscardStringContext system.config.system.build.initialRamdisk.spec);
    in pkgs.writeText \"files\" (builtins.toJSON {
      contents = lib.mapAttrsToList (target: file: { inherit target; source = \"\${file.source}\"; }) config.boot.initrd.extraFiles;
      modules = map (m: m // { optional = true; }) spec.availableKernelModules;
      inherit (spec) fileSystems;
      secrets = builtins.attrNames config.boot.initrd.secrets;
    })" 2>"$W/nix-err") || cat "$W/nix-err" >&2
  jq -c --arg store "$store" '{fileSystems, availableKernelModules: .modules, contents: [.contents[] | .source = $store + .source]}' "$store$file" | sed 's/^{//; s/}$//' >"$W/members"
  jq -r '.secrets[]' "$store$file" >"$W/secrets-$1"
  initrd "$W/initrd-$1" "$(cat "$W/members")"
  size=$(stat -c %s "$W/initrd-$1")
  rm -rf "$W/secret" && mkdir -p "$W/secret/etc/secrets" "$W/secret/etc/ssh"
  cp "$W/host-ed" "$W/secret/etc/secrets/host-ed" && cp "$W/host-rsa" "$W/secret/etc/ssh/host-rsa"
  chmod u+w "$W/initrd-$1"
  truncate -s %4 "$W/initrd-$1" # as loaders do it: the kernel wants archives at multiples of 4
  (cd "$W/secret" && find . -mindepth 1 | cpio -o -H newc --quiet -R 0:0) >>"$W/initrd-$1"
}

# --- the disk ---

root_tree "$W/root" 'cat /proc/cmdline; ip addr; ip route; ls /run; ps; cat /proc/mounts | grep pts; echo "end of stage 2"'
ln -sf busybox "$W/root/bin/ip" && ln -sf busybox "$W/root/bin/ps"
mke2fs -q -t ext4 -d "$W/root" "$W/root.img" 8M
tools=$W/store$("$bin/nix-build" --no-out-link -E '(import <nixpkgs> { }).initrdTools { programs = [ "cryptsetup" ]; }' 2>/dev/null)
root_tree "$W/prepare" 'mkdir -p /run/cryptsetup
export DM_DISABLE_UDEV=1 PATH=/sbin:/bin
printf secret | cryptsetup luksFormat --batch-mode --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file=- /dev/vdc
printf secret | cryptsetup open --type luks --key-file=- /dev/vdc x
dd if=/dev/vdb of=/dev/mapper/x bs=1M 2>/dev/null; cryptsetup close x; sync; echo "the disk is laid out"'
cp -r "$tools"/* "$W/prepare/" && chmod -R u+w "$W/prepare"
for applet in dd mkdir printf sync; do ln -sf busybox "$W/prepare/bin/$applet"; done
mke2fs -q -t ext4 -d "$W/prepare" "$W/prepare.img" 64M
truncate -s 40M "$W/crypt.img"
initrd "$W/initrd-prepare" '"kernelModules":["virtio_pci","virtio_blk","dm_mod","dm_crypt","xts","algif_skcipher"],"fileSystems":[{"device":"/dev/vda","mountPoint":"/","fsType":"ext4","options":["rw"]}]'
boot "$W/prepare.log" 120 "$W/initrd-prepare" quiet $(disk "$W/prepare.img" a) -drive file="$W/root.img",if=none,id=b,format=raw -device virtio-blk,drive=b \
  -drive file="$W/crypt.img",if=none,id=c,format=raw,cache=unsafe -device virtio-blk,drive=c
ok "the disk is laid out" says "$W/prepare.log" 'the disk is laid out'

# --- the boots ---

# The machine NAME starts; its console is in $W/NAME.log, and what is written to descriptor 4 is typed there.
start() { # NAME PARAMETERS ADDRESS
  port=$((20000 + RANDOM % 20000))
  log=$W/$1.log
  rm -f "$W/keys" && mkfifo "$W/keys"
  timeout -k 5 120 qemu-system-x86_64 -accel tcg -m 512 -nodefaults -display none -serial stdio -no-reboot -kernel "$KERNEL" -initrd "$W/initrd-$1" \
    -append "console=ttyS0 panic=-1 boot.panic_on_fail quiet rootdelay=20 $2" -drive file="$W/crypt.img",if=none,id=c,format=raw,snapshot=on -device virtio-blk,drive=c,serial=crypt \
    -netdev user,id=n,hostfwd=tcp:127.0.0.1:$port-$3:2222 -device virtio-net,netdev=n,addr=0x7 <"$W/keys" >"$log" 2>&1 &
  machine=$!
  echo $machine >"$W/machine.pid"
  exec 4>"$W/keys"
  { echo "[127.0.0.1]:$port $(cut -d' ' -f 1,2 "$W/host-ed.pub")"; echo "[127.0.0.1]:$port $(cut -d' ' -f 1,2 "$W/host-rsa.pub")"; } >"$W/known"
}
until_says() { # PATTERN SECONDS
  local n
  for n in $(seq $(($2 * 5))); do
    grep -aqE -- "$1" "$log" && return
    kill -0 $machine 2>/dev/null || break
    sleep 0.2
  done
  tail -n 30 "$log"
  return 1
}
client() { timeout 60 ssh -q -F none -p $port -i "$W/client" -o UserKnownHostsFile="$W/known" -o StrictHostKeyChecking=yes -o ConnectTimeout=20 "$@"; }
over() { # the machine ends by itself
  wait $machine || :
  exec 4>&-
  tr -d '\r' <"$log" >"$log.plain" && log=$log.plain
  if ! says "$log" '^end of stage 2'; then tail -n 25 "$log"; fi
}

make_initrd dhcp 'boot.initrd.network.postCommands = "echo commands of the configuration > /dev/console; echo cryptsetup-askpass >> /root/.profile";'
ok "host keys are secrets" [ "$(tr '\n' ' ' <"$W/secrets-dhcp")" = "/etc/secrets/host-ed /etc/ssh/host-rsa " -o "$(tr '\n' ' ' <"$W/secrets-dhcp")" = "/etc/ssh/host-rsa /etc/secrets/host-ed " ]
ok "its size ($size bytes)" [ "$size" -lt 12000000 ]
start dhcp '' 10.0.2.15
ok "dhcp: it is reached" until_says 'leads here' 60
ok "dhcp: the way in is said" says "$log" 'ssh -p 2222 root@10.0.2.15 leads here; cryptsetup-askpass unlocks it'
ok "dhcp: the configuration's commands ran" says "$log" 'commands of the configuration'
ok "dhcp: the console asks, too" until_says 'Passphrase for crypt' 30
ok "dhcp: a shell" [ "$(client root@127.0.0.1 'id -u; echo $HOME' 2>&1 | tr '\n' ' ')" = "0 /root " ]
ok "dhcp: no password opens it" [ "$(timeout 30 ssh -q -F none -p $port -o UserKnownHostsFile="$W/known" -o StrictHostKeyChecking=yes -o BatchMode=yes -o IdentitiesOnly=yes -i "$W/host-rsa" root@127.0.0.1 true; echo $?)" = 255 ]
printf 'not it\nsecret\n' | client root@127.0.0.1 cryptsetup-askpass >"$W/said" 2>&1 && status=0 || status=$?
ok "dhcp: cryptsetup-askpass succeeds" [ $status = 0 ]
ok "dhcp: a wrong passphrase is told" says "$W/said" 'this passphrase does not open crypt'
ok "dhcp: the right one, too" says "$W/said" 'this passphrase opens crypt'
over
ok "dhcp: root comes up" says "$log" '^end of stage 2'
ok "dhcp: no passphrase is on the console" says_not "$log" 'secret|not it'
ok "dhcp: stage 2 finds the network down" says_not "$log" 'inet 10\.0\.2\.15|default via'
ok "dhcp: and no program of it" says_not "$log" 'dropbear|udhcpc'

# A login that asks at once, by ip= with the name that udev would give the card; the shell's terminal shows no passphrase.
make_initrd static 'boot.initrd.network = { udhcpc.enable = false; flushBeforeStage2 = false; ssh.shell = "/bin/cryptsetup-askpass"; };'
start static 'ip=10.0.2.77::10.0.2.2:255.255.255.0:guest:enp0s7:none' 10.0.2.77
ok "ip=: it is reached" until_says 'leads here' 60
ok "ip=: the address" says "$log" 'ssh -p 2222 root@10.0.2.77 leads here'
(sleep 90 | client -tt root@127.0.0.1) >"$W/session" 2>&1 &
session=$!
for _ in $(seq 100); do if says "$W/session" 'Passphrase for crypt'; then break; fi; sleep 0.2; done
says "$W/session" 'Passphrase for crypt' || cat -A "$W/session"
ok "ip=: the login asks" says "$W/session" 'Passphrase for crypt'
until_says 'Passphrase for crypt' 30 || :
printf 'secret\n' >&4
over
ok "ip=: the console may be quicker" says "$log" '^end of stage 2'
ok "ip=: the login is told" says "$W/session" 'this passphrase opens crypt'
kill $session 2>/dev/null || :
ok "ip=: what is not flushed stays" says "$log" 'inet 10\.0\.2\.77/24'
ok "ip=: with its route" says "$log" 'default via 10\.0\.2\.2'
finish
