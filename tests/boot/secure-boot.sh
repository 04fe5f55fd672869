#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Secure Boot and unified kernel images on temporary roots: what is signed and how it is checked, every way in which a key or a certificate can be
# wrong, keys that are made, what the firmware is said to refuse. Kernels are small EFI programs, and the firmware's variables are files.
source "$(dirname "$0")/lib.sh"
efi=/usr/lib/systemd/boot/efi keys=$work/keys vars=$R/sys/firmware/efi/efivars
global=8be4df61-93ca-11d2-aa0d-00e098032b8c image=d719b2cb-3d3a-4596-a3bc-dad00e67656f shim=605dab50-e046-4300-abb6-3dd810dd8b23
for program in sbsign sbverify sbsiglist openssl objcopy; do
  command -v $program >/dev/null || { echo "$program is not installed"; exit 1; }
done
cp "$efi/systemd-bootx64.efi" "$work/kernel.efi"
openssl req -new -x509 -newkey rsa:2048 -nodes -keyout "$work/other.key" -subj /CN=other -days 9 -out "$work/other.pem" 2>/dev/null
sbsign --key "$work/other.key" --cert "$work/other.pem" --output "$work/other.efi" "$work/kernel.efi" >/dev/null 2>&1

secure() { # MORE: a system whose kernel is a program for EFI
  configuration "{ kernelFile = $work/kernel.efi; loader = { secureBoot = { keyFile = \"$keys/mok.key\"; certFile = \"$keys/mok.pem\"; }; }; $1 }"
}
kernels() { ls "$R/boot/kernix" | grep -- '-kernel$'; }
# The paths in the configuration are those of the machine: of the root.
place_keys() { rm -rf "$R$keys" && mkdir -p "$R$keys" && cp -p "$keys"/* "$R$keys/"; }
fresh() { new_root "$1"; place_keys; }
variable() { # NAME GUID: standard input is its content
  mkdir -p "$vars"
  { printf '\6\0\0\0'; cat; } >"$vars/$1-$2"
}
firmware() { # SECUREBOOT SETUPMODE
  rm -rf "$vars"
  printf "\\$1" | variable SecureBoot $global
  printf "\\$2" | variable SetupMode $global
}
list() { # PEM...: a signature list
  local pem
  for pem; do
    openssl x509 -in "$pem" -outform DER -out "$work/x.cer" && sbsiglist --owner 11111111-2222-3333-4444-123456789abc --type x509 --output "$work/x.esl" "$work/x.cer" && cat "$work/x.esl"
  done
}
nothing() { [ ! -e "$R/boot/kernix/grub.cfg" ] && ! ls "$R/boot/kernix" 2>/dev/null | grep -q kernel; }

# Keys.
check "keys: one for shim is made" says 'mokutil --import' "$KERNIX_BUILD/kernix" boot keys --root "$work" --dir "$keys"
check "keys: for root only" is "$(stat -c %a "$keys/mok.key") $(stat -c %a "$keys")" "600 700"
openssl x509 -in "$keys/mok.pem" -noout -text >"$work/cert"
check "keys: RSA 2048, as shim wants it" has "$work/cert" 'Public-Key: \(2048 bit\)'
check "keys: signs code" has "$work/cert" 'Code Signing'
check "keys: no CA" has "$work/cert" 'CA:FALSE'
check "keys: DER for mokutil" cmp <(openssl x509 -in "$keys/mok.pem" -outform DER) "$keys/mok.cer"
cp "$keys/mok.key" "$work/before"
check "keys: what is there is kept" says 'kept: ' "$KERNIX_BUILD/kernix" boot keys --root "$work" --dir "$keys"
check "keys: to the byte" cmp "$work/before" "$keys/mok.key"
expect_fail "keys: never in the store" "keys cannot be kept in the store" "$KERNIX_BUILD/kernix" boot keys --root "$work" --dir /nix/store/keys
mkdir -m 777 "$work/open"
ln -s "$work/before" "$work/open/db.esl"
expect_fail "keys: not where others can write" "only we can write to" "$KERNIX_BUILD/kernix" boot keys --own --root "$work" --dir "$work/open"
check "keys: no link is written through" is "$(ls "$work/open") $(head -c 10 "$work/before")" "db.esl $(head -c 10 "$keys/mok.key")"
new_root grub
check "keys: of its own folder" says 'made: ' kboot keys
check "keys: below the root" test -e "$R/etc/kernix/secureboot/mok.key"

# Signing.
for loader in grub systemd-boot extlinux; do
  fresh $loader
  secure ''
  check "sign: $loader" rebuild boot --permanent
  check "sign: $loader: the kernel is signed" sbverify --cert "$keys/mok.pem" "$R/boot/kernix/$(kernels)"
  check "sign: $loader: the entry names it" grep -rqF "$(kernels)" "$R/boot" --include=*.cfg --include=*.conf
  check "sign: $loader: that of the store is not" bash -c "test -s '$R$(generation 1)/bzImage' && ! sbverify --list '$R$(generation 1)/bzImage' 2>&1 | grep -q subject"
done
fresh grub
secure ''
check "sign: once more" rebuild boot --permanent
check "sign: the initrd stays as it is" cmp "$R$(generation 1)/initrd" "$R"/boot/kernix/*-initrd
stat -c %i "$R/boot/kernix/$(kernels)" >"$work/inode"
mv "$R$keys/mok.key" "$work/away"
check "sign: what is signed needs no key again" kboot refresh
check "sign: nor is it written again" is "$(stat -c %i "$R/boot/kernix/$(kernels)")" "$(cat "$work/inode")"
mv "$work/away" "$R$keys/mok.key"
truncate -s 50000 "$R/boot/kernix/$(kernels)"
check "sign: a damaged file is made anew" kboot refresh
check "sign: and is whole" sbverify --cert "$keys/mok.pem" "$R/boot/kernix/$(kernels)"
sbsign --key "$keys/mok.key" --cert "$keys/mok.pem" --output "$work/signed.efi" "$work/kernel.efi" 2>/dev/null
configuration "{ kernelFile = $work/signed.efi; loader.secureBoot = { keyFile = \"$keys/mok.key\"; certFile = \"$keys/mok.pem\"; }; version = \"2\"; }"
fresh grub
check "sign: a kernel that is signed already" rebuild boot --permanent
check "sign: is kept as it is" cmp "$work/signed.efi" "$R/boot/kernix/$(kernels)"
check "sign: an entry's try is as ever" says 'try kernix-2 at the next boot' bash -c "printf %s '{ kernelFile = $work/kernel.efi; version = \"3\"; }' >'$work/configuration.nix'; NIX_PATH='$NIX_PATH' timeout 60 $bin/nixos-rebuild boot --root '$R' -I nixos-config='$work/configuration.nix'"

# What can be wrong, with a word, before anything is written.
wrong() { # NAME TEXT
  expect_fail "wrong: $1" "$2" rebuild boot --permanent
  check "wrong: $1: nothing is written" nothing
}
fresh grub
secure 'version = "4";'
chmod 644 "$R$keys/mok.key"
wrong "a key that others read" "is not for root alone"
chmod 600 "$R$keys/mok.key"
chown 12345 "$R$keys/mok.key" 2>/dev/null && wrong "a key of somebody else" "belongs to another user"
place_keys
rm "$R$keys/mok.key"
wrong "no key" "cannot be read|kernix boot keys"
cp "$work/other.key" "$R$keys/mok.key" && chmod 600 "$R$keys/mok.key"
wrong "the key of another certificate" "does not belong to the certificate"
openssl rsa -aes128 -passout pass:x -in "$work/other.key" -out "$R$keys/mok.key" 2>/dev/null && chmod 600 "$R$keys/mok.key"
wrong "a key with a passphrase" "has a passphrase"
echo nonsense >"$R$keys/mok.key" && chmod 600 "$R$keys/mok.key"
wrong "what is no key" "is not a private key in PEM"
place_keys
rm "$R$keys/mok.pem"
wrong "no certificate" "reading the certificate|kernix boot keys"
cp "$keys/mok.cer" "$R$keys/mok.pem"
wrong "a certificate in DER" "is not a certificate in PEM|openssl x509"
openssl req -new -key "$keys/mok.key" -subj /CN=old -out "$work/old.csr" 2>/dev/null
mkdir -p "$work/ca" && : >"$work/ca/index" && echo 01 >"$work/ca/serial"
printf '[ca]\ndefault_ca=a\n[a]\ndatabase=%s/ca/index\nserial=%s/ca/serial\nnew_certs_dir=%s/ca\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' "$work" "$work" "$work" >"$work/ca.cnf"
dated() { openssl ca -batch -config "$work/ca.cnf" -selfsign -keyfile "$keys/mok.key" -in "$work/old.csr" -startdate "$1" -enddate "$2" -out "$R$keys/mok.pem" -notext 2>/dev/null; : >"$work/ca/index"; }
dated 20200101000000Z 20210101000000Z
wrong "an expired certificate" "has expired (Jan  1 00:00:00 2021 GMT)"
dated 20990101000000Z 20990201000000Z
wrong "one of the future" "is not valid before"
place_keys
mkdir "$work/few" && for program in sh bash env; do ln -s "$(command -v $program)" "$work/few/"; done
check_path() { PATH=$work/few rebuild_abs boot --permanent; }
rebuild_abs() { "$bin/nixos-rebuild" "$@" --root "$R" -I nixos-config="$work/configuration.nix"; }
rebuild dry-activate >/dev/null 2>&1 # it is built before the programs go
expect_fail "wrong: no sbsigntool" "needs the program sbsign|apt install sbsigntool" check_path
check "wrong: no sbsigntool: nothing is written" nothing
configuration "{ loader.secureBoot = { keyFile = \"$keys/mok.key\"; certFile = \"$keys/mok.pem\"; }; }"
wrong "a kernel that is no EFI program" "is not an EFI program"
configuration "{ kernelFile = $work/kernel.efi; loader.secureBoot = { keyFile = \"/nix/store/k\"; certFile = \"$keys/mok.pem\"; }; }"
wrong "a key in the store" "is in the store, which everybody can read"
mkdir -p "$R/nix/store/x" && cp "$keys/mok.key" "$R/nix/store/x/k" && ln -s /nix/store/x/k "$R$keys/link"
configuration "{ kernelFile = $work/kernel.efi; loader.secureBoot = { keyFile = \"$keys/link\"; certFile = \"$keys/mok.pem\"; }; }"
wrong "a link into the store" "is in the store, which everybody can read"
configuration "{ kernelFile = $work/kernel.efi; loader.secureBoot = { keyFile = \"k\"; certFile = \"$keys/mok.pem\"; }; }"
wrong "a relative path" "must be an absolute path"

# What the firmware would refuse.
fresh grub
configuration "{ kernelFile = $work/kernel.efi; }"
firmware 1 0
list "$keys/mok.pem" | variable db $image
wrong "Secure Boot is on, nothing is signed" "Secure Boot is on, and the firmware would refuse the kernel of kernix-1|kernix boot keys|--force"
check "firmware: --force goes on, with a word" says 'would refuse the kernel of kernix-1' rebuild boot --permanent --force
check "firmware: it is installed" test -e "$R/boot/kernix/grub.cfg"
check "firmware: roles can still change" kboot confirm --booted "$(generation 1)"
fresh grub
firmware 1 0
list "$work/other.pem" | variable db $image
secure ''
wrong "a certificate that the firmware does not know" "is not in the firmware's db"
list "$keys/mok.pem" | variable MokListRT $shim
check "firmware: but shim knows it" rebuild boot --permanent
list "$keys/mok.pem" | variable dbx $image
fresh grub
firmware 1 0
list "$keys/mok.pem" | variable db $image
list "$keys/mok.pem" | variable dbx $image
wrong "a revoked one" "is revoked: it is in dbx"
rm "$vars/dbx-$image"
check "firmware: one that it knows" rebuild boot --permanent
# By hash: what sbsign signs is the hash that the firmware compares.
signed_hash() { sbattach --detach "$work/signature" "$1" >/dev/null 2>&1 && openssl asn1parse -inform DER -in "$work/signature" | sed -n 's/.*OCTET STRING *\[HEX DUMP\]:\([0-9A-F]\{64\}\)$/\1/p' | head -n 1; }
hash_list() { # TYPE EXTRA-BYTES: of the hash on standard input, in hexadecimal
  python3 -c '
import struct, sys
kind, more, digest = bytes.fromhex(sys.argv[1]), bytes(int(sys.argv[2])), bytes.fromhex(sys.stdin.read())
sys.stdout.buffer.write(kind + struct.pack("<III", 28 + 16 + len(digest + more), 0, 16 + len(digest + more)) + bytes(16) + digest + more)' "$@"
}
of_image=2616c4c14c509240aca941f936934328 of_cert=92a4d23bc0967940b420fcf98ef103ed
fresh grub
firmware 1 0
list "$keys/mok.pem" | variable db $image
signed_hash "$work/other.efi" | hash_list $of_image 0 | variable dbx $image
wrong "an image whose hash is revoked, signed now" "the hash of the kernel of kernix-1 is revoked: it is in dbx"
list "$work/other.pem" | variable db $image
configuration "{ kernelFile = $work/other.efi; }"
wrong "and one that was signed elsewhere" "the hash of the kernel of kernix-1 is revoked: it is in dbx"
check "firmware: a revoked hash is said" says 'dbx has 1 hash' kboot status
signed_hash "$work/other.efi" | hash_list $of_image 0 | variable db $image
rm "$vars/dbx-$image"
configuration "{ kernelFile = $work/kernel.efi; }"
check "firmware: an image that db has by its hash needs no signature" rebuild boot --permanent
fresh grub
firmware 1 0
openssl x509 -in "$keys/mok.pem" -outform DER | python3 -c '
import hashlib, sys
der = sys.stdin.buffer.read()
def body(at):
    n = der[at + 1]
    return (at + 2, n) if n < 128 else (at + 2 + n - 128, int.from_bytes(der[at + 2:at + 2 + n - 128], "big"))
tbs = body(0)[0]
at, n = body(tbs)
print(hashlib.sha256(der[tbs:at + n]).hexdigest())' | hash_list $of_cert 16 | variable dbx $image
list "$keys/mok.pem" | variable db $image
secure ''
wrong "a certificate that is revoked by its hash" "is revoked: it is in dbx"
rm "$vars/dbx-$image"
fresh grub
firmware 1 0
list "$work/other.pem" | variable db $image
configuration "{ kernelFile = $work/other.efi; }"
check "firmware: a kernel that somebody else has signed, whom it knows" rebuild boot --permanent
for state in '0 0' '0 1' '1 1'; do
  fresh grub
  # shellcheck disable=SC2086 # two words
  firmware $state
  configuration "{ kernelFile = $work/kernel.efi; }"
  check "firmware: nothing is refused in state $state" rebuild boot --permanent
done
fresh grub
firmware 1 0
list "$work/other.pem" | variable MokListRT $shim
printf '\1' | variable MokSBStateRT $shim
check "firmware: shim that does not verify refuses nothing" rebuild boot --permanent
head -c 70 <(list "$work/other.pem") | variable db $image
check "firmware: a list that is cut off harms nothing" kboot status

# What is said.
firmware 1 0
list "$keys/mok.pem" "$work/other.pem" | variable db $image
check "status: on" says 'Secure Boot: on: what is not signed is refused' kboot status
check "status: the certificates" says 'db: +CN = other' kboot status
status() { kboot status --json | jq -r "$1"; }
check "status: JSON" is "$(status '.secureBoot | "\(.secureBoot) \(.setupMode) \(.shim) \(.db | length) \(.enforced)"')" "true false false 2 true"
check "status: JSON of the entries" is "$(status '"\(.loader) \(.default) \(.generations | length)"')" "grub kernix-1 1"
firmware 0 1
check "status: setup mode" says 'setup mode' kboot status
rm -rf "$R/sys"
check "status: without firmware" says 'Secure Boot: not known' kboot status

# The firmware's own keys.
fresh grub
firmware 1 0
expect_fail "own keys: not in user mode" "user mode|nothing was changed" kboot keys --own --enroll
check "own keys: not in user mode: nothing is made" bash -c "! ls '$R'/etc/kernix/secureboot/*.key 2>/dev/null"
firmware 0 1
list "$work/other.pem" | variable dbDefault $global
check "own keys: in setup mode" says 'written: PK' kboot keys --own --enroll
check "own keys: each is written, the platform key last" is "$(sed -n 's/^written: //p' "$work/said" | tr '\n' ' ')" "db KEK PK "
check "own keys: with attributes and a signature" is "$(head -c 4 "$vars/PK-$global" | od -An -tx1 | tr -d ' ')" 27000000
# The signature is over name, GUID, attributes, time and list (UEFI 2.10, 8.2.2): its digest is in it.
signs() { # NAME GUID
  python3 - "$R/etc/kernix/secureboot/$1.auth" "$1" "$2" <<'END'
import hashlib, sys
auth, parts = open(sys.argv[1], "rb").read(), [bytes.fromhex(part) for part in sys.argv[3].split("-")]
end = 16 + int.from_bytes(auth[16:20], "little")
guid = b"".join(part[::-1] for part in parts[:3]) + parts[3] + parts[4]
text = sys.argv[2].encode("utf-16-le") + guid + (0x27).to_bytes(4, "little") + auth[:16] + auth[end:]
sys.exit(hashlib.sha256(text).digest() not in auth[40:end])
END
}
check "own keys: PK is signed as firmware checks it" signs PK $global
check "own keys: and db" signs db $image
check "own keys: what the maker has stays" grep -qF "$(printf other)" "$R/etc/kernix/secureboot/db.esl"
check "own keys: dry" says 'would make' kboot keys --own --dir "$work/none" --dry-run
check "own keys: dry makes nothing" test ! -e "$work/none"
expect_fail "own keys: no firmware" "there are no EFI variables" "$KERNIX_BUILD/kernix" boot keys --own --enroll --root "$work"

# Modules that a kernel which is locked down would not load: said when the system is built.
checks() { # PARAMETER: what the build says, of a tree with one module, which is not signed
  rm -rf "$work/checks" && mkdir -p "$work/checks/lib/modules/6.1" && echo >"$work/checks/lib/modules/6.1/a.ko" && : >"$work/checks/lib/modules/6.1/modules.builtin"
  env -i PATH="$PATH" NIX_BUILD_TOP="$work/checks" out="$work/checks/out" modulesTree="$work/checks" modDirVersion=6.1 vmlinux=/dev/null modprobeConfig= sysctls= kernelModules= kernelParams="$1" \
    bash -e -o pipefail "$KERNIX_SRC/nixpkgs/nixos/modules/system/system-checks.sh" 2>/dev/null && cat "$work/checks/out" || echo "it fails"
}
for parameter in lockdown=integrity module.sig_enforce module.sig_enforce=1; do
  check "modules: $parameter" is "$(checks "$parameter" | grep -o 'loads signed modules only')" 'loads signed modules only'
done
check "modules: nothing of it without" is "$(checks 'quiet lockdown=none' | grep -oE 'signed modules|it fails')" ''

# --- unified kernel images
uki() { # MORE
  configuration "{ kernelFile = $work/kernel.efi; loader = { uki.stub = $efi/linuxx64.efi.stub; secureBoot = { keyFile = \"$keys/mok.key\"; certFile = \"$keys/mok.pem\"; }; }; $1 }"
}
linux=$R/boot/EFI/Linux
start_uki() { # the loader's order: used up ones last, then the greatest name
  local best base left
  best=$(ls "$linux" | sed -E 's/^(.*\+0.*)$/0 \1/; t; s/^/1 /' | LC_ALL=C sort -rV | head -n 1 | cut -d' ' -f2)
  base=${best%.efi}
  case $base in
    *+*)
      left=${base#*+} left=${left%%-*} base=${base%%+*}
      [ "$left" != 0 ] || { echo host; return; }
      mv "$linux/$best" "$linux/$base+$((left - 1))-1.efi"
      ;;
  esac
  echo "kernix-${base#kernix-?-}"
}
section() { objcopy -O binary --only-section="$2" "$1" "$work/section" && cat "$work/section"; } # FILE NAME
fresh systemd-boot
cp -r "$R/boot" "$work/boot.before"
uki ''
check "uki: boot" rebuild boot
check "uki: an entry of type 2 with a count" is "$(ls "$linux")" kernix-3-1+1.efi
one=$linux/kernix-3-1+1.efi
cp -r "$linux" "$work/linux.before"
check "uki: it is signed" sbverify --cert "$keys/mok.pem" "$one"
check "uki: the kernel is in it" cmp "$work/kernel.efi" <(section "$one" .linux | head -c "$(stat -c %s "$work/kernel.efi")")
check "uki: the initrd" is "$(section "$one" .initrd)" "initrd one"
check "uki: the command line, which cannot be changed later" is "$(section "$one" .cmdline | sed 's/ kernix.trial=[^ ]*//')" "init=$(generation 1)/init quiet panic=10"
check "uki: what it is called" is "$(section "$one" .osrel | sed -n 's/^PRETTY_NAME=//p' | cut -c1-9)" '"kernix 2'
head -c 70000 /dev/zero | tr '\0' x >"$work/long" && objcopy --add-section .osrel="$work/long" "$efi/linuxx64.efi.stub" "$work/long.efi" && cp "$work/long.efi" "$linux/kernix-1-99.efi"
check "uki: one whose os-release is too long is told, and nothing else stops" says 'osrel of .*kernix-1-99.efi. is too large; what it is for is not looked at' rebuild boot
rm -f "$linux/kernix-1-99.efi"
check "uki: no copies beside" is "$(ls "$R/boot/kernix" | grep -c -- -)" 0
# Sections lie on pages of their own, in order, in memory and in the file.
layout() {
  objdump -h "$1" | awk '$1 ~ /^[0-9]+$/ { print $2, $3, $4, $6 }' | while read -r name size at file; do echo "$name $((16#$size)) $((16#$at)) $((16#$file))"; done |
    awk '$3 < end || $4 < file { print "overlaps:", $0; bad = 1 } $1 ~ /osrel|cmdline|uname|initrd|linux/ && $3 % 4096 { print "not on a page:", $0; bad = 1 }
      { end = $3 + $2; file = $4 + $2 } END { exit bad }'
}
check "uki: sbverify finds no gaps" bash -c "! sbverify --cert '$keys/mok.pem' '$one' 2>&1 | grep -i gap"
check "uki: its sections do not overlap" layout "$one"
check "uki: it is tried" is "$(start_uki)" kernix-1
check "uki: then the distribution's own" is "$(start_uki)" host
check "uki: that is noticed" says 'kernix-1 was started and did not come up' kboot confirm
rm -rf "$linux" "$R/boot/kernix"
check "uki: once more" rebuild boot
sbattach --remove "$linux"/*.efi 2>/dev/null && cp "$linux"/*.efi "$work/a.efi"
sbattach --remove "$work"/linux.before/*.efi && cp "$work"/linux.before/*.efi "$work/b.efi"
check "uki: the same bytes but for the signature" cmp "$work/a.efi" "$work/b.efi"
rm -rf "$linux" "$R/boot/kernix"
rebuild boot >/dev/null 2>&1
start_uki >/dev/null
mv "$R$keys/mok.key" "$work/away"
inode=$(stat -c %i "$linux"/*.efi)
check "uki: confirm needs no key" says 'kernix-1 has come up' kboot confirm --booted "$(generation 1)"
mv "$work/away" "$R$keys/mok.key"
check "uki: it is the default" is "$(ls "$linux")" kernix-2-1.efi
check "uki: by a rename alone" is "$(stat -c %i "$linux"/*.efi)" "$inode"
uki 'version = "2"; specialisation.extra.params = [ "extra" ];'
check "uki: the next one" rebuild boot --tries 2
check "uki: tried twice, then the last good one" is "$(start_uki) $(start_uki) $(start_uki)" "kernix-2 kernix-2 kernix-1"
check "uki: a specialisation is an image of its own" test -e "$linux/kernix-1-2-extra+0.efi"
# An image that would be made otherwise today (its stub has changed) stays when roles change and the key is away.
printf x | dd of="$(ls "$R"/nix/store/*-linuxx64.efi.stub)" bs=1 seek=2000 conv=notrunc status=none
mv "$R$keys/mok.key" "$work/away"
inode=$(stat -c %i "$linux"/kernix-3-2+0-?.efi)
check "uki: without a key, images stay as they are" says 'stay as they are, for nothing can be signed' kboot confirm --booted "$(generation 2)"
check "uki: it has changed its role all the same" is "$(stat -c %i "$linux/kernix-2-2.efi")" "$inode"
expect_fail "uki: none is made anew without a key" "cannot be read" kboot refresh
mv "$work/away" "$R$keys/mok.key"
check "uki: with it, they are" kboot refresh
check "uki: another file" test "$(stat -c %i "$linux/kernix-2-2.efi")" != "$inode"
check "uki: roles change" is "$(start_uki) $(cd "$linux" && echo kernix-[12]-[12].efi)" "kernix-2 kernix-1-1.efi kernix-2-2.efi"
check "uki: rollback" rebuild boot --rollback
check "uki: is at once" is "$(start_uki)" kernix-1
check "uki: status" says 'default: kernix-1' kboot status
uki 'version = "3"; params = [ "panic=5" ];'
rebuild boot --permanent >/dev/null 2>&1
check "uki: panic= of one's own stays" is "$(section "$linux/kernix-2-3.efi" .cmdline | grep -o 'panic=.*')" "panic=5"
secure 'version = "4";'
check "uki: back to files" rebuild boot --permanent
check "uki: no images are left" test ! -e "$linux/kernix-1-1.efi" -a -e "$R/boot/loader/entries/kernix-4.conf"
uki 'version = "5";'
rebuild boot --permanent >/dev/null 2>&1
check "uki: and to images" test -e "$linux/kernix-2-5.efi" -a ! -e "$R/boot/loader/entries/kernix-4.conf"
check "uki: uninstall" rebuild uninstall
check "uki: nothing is left" diff -r "$work/boot.before" "$R/boot"
# Cut off at each rename: the menu has an image that starts, and again does it.
fresh systemd-boot
uki 'version = "6";'
rebuild boot --permanent >/dev/null 2>&1
wrongs='' killed=0
for ((k = 1; k < 30; k++)); do
  uki "version = \"k$k\";"
  rebuild dry-activate >/dev/null 2>&1
  timeout 60 strace -f -qq -o /dev/null -e "inject=rename:signal=KILL:when=$k" "$bin/nixos-rebuild" boot --root "$R" -I nixos-config="$work/configuration.nix" >/dev/null 2>&1 && break
  killed=$((killed + 1))
  for file in "$linux"/*.efi; do sbverify --cert "$keys/mok.pem" "$file" >/dev/null 2>&1 || wrongs="$wrongs $k:$file"; done
  started=$(start_uki)
  case $started in kernix-*) ;; *) wrongs="$wrongs $k:$started" ;; esac
  rebuild boot --permanent >"$work/again" 2>&1 || wrongs="$wrongs $k:again"
done
check "uki: cut off at each of $killed renames" is "$wrongs $((killed > 2))" " 1"

# A stub whose section table is full: what is behind it moves. And one whose headers say that they are larger than they need to be.
python3 - "$work" <<'END'
import struct, sys
def stub(name, count, head, more):
    b = bytearray(head + count * 512)
    b[0:2] = b"MZ"
    struct.pack_into("<I", b, 0x3c, 0x40)
    b[0x40:0x44] = b"PE\0\0"
    struct.pack_into("<HHIIIHH", b, 0x44, 0x8664, count, 0, 0, 0, 240, 0x22)
    o = 0x58
    struct.pack_into("<H", b, o, 0x20b)
    struct.pack_into("<I", b, o + 16, 0x1000)
    struct.pack_into("<II", b, o + 32, 4096, 512)
    struct.pack_into("<II", b, o + 56, (count + 1) * 4096, head)
    struct.pack_into("<H", b, o + 68, 10)
    struct.pack_into("<I", b, o + 108, 16)
    for i in range(count):
        s = o + 240 + i * 40
        b[s:s + 2] = b".%c" % (97 + i)
        struct.pack_into("<IIII", b, s + 8, 512, (i + 1) * 4096, 512, head + i * 512)
        struct.pack_into("<I", b, s + 36, 0x60000020)
        b[head + i * 512:head + (i + 1) * 512] = bytes([65 + i]) * 512
    open(sys.argv[1] + "/" + name, "wb").write(b)
stub("tight.efi", 3, 512, 0)
stub("wide.efi", 3, 2048, 0)
END
for stub in tight wide; do
  fresh systemd-boot
  configuration "{ kernelFile = $work/kernel.efi; loader = { uki.stub = $work/$stub.efi; secureBoot = { keyFile = \"$keys/mok.key\"; certFile = \"$keys/mok.pem\"; }; }; }"
  check "uki: a stub with $stub headers" rebuild boot --permanent
  check "uki: $stub: no overlap" layout "$linux/kernix-2-1.efi"
  check "uki: $stub: the stub's own sections are whole" is "$(section "$linux/kernix-2-1.efi" .b)$(section "$linux/kernix-2-1.efi" .c)" "$(printf 'B%.0s' {1..512})$(printf 'C%.0s' {1..512})"
  check "uki: $stub: no gaps" bash -c "! sbverify --cert '$keys/mok.pem' '$linux/kernix-2-1.efi' 2>&1 | grep -i 'gap\|fail'"
done

fresh grub
uki ''
check "uki: GRUB" rebuild boot --permanent
check "uki: GRUB starts it" grep -qE 'chainloader "\$\{kernix_boot\}/kernix/[0-9a-z]{32}-uki"' "$R/boot/kernix/grub.cfg"
check "uki: GRUB's reader takes the file" grub-script-check "$R/boot/kernix/grub.cfg"
check "uki: GRUB: it is signed" sbverify --cert "$keys/mok.pem" "$R"/boot/kernix/*-uki
fresh extlinux
wrong "uki: extlinux" "extlinux cannot start a unified kernel image"
fresh systemd-boot
configuration "{ kernelFile = $work/kernel.efi; loader.uki.stub = $efi/linuxx64.efi.stub; }"
check "uki: unsigned" rebuild boot --permanent
check "uki: unsigned: no signature" bash -c "! sbverify --list '$linux/kernix-2-1.efi' | grep -q subject"
fresh systemd-boot
configuration "{ kernelFile = $work/kernel.efi; loader.uki.stub = $work/text; }"
echo text >"$work/text"
expect_fail "uki: a stub that is none" "is not an EFI program" rebuild boot --permanent
head -c 300 "$work/kernel.efi" >"$work/cut.efi"
configuration "{ kernelFile = $work/cut.efi; loader.uki.stub = $efi/linuxx64.efi.stub; }"
expect_fail "uki: a kernel that is cut off" "is not an EFI program" rebuild boot --permanent
finish
