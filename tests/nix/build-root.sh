#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The package set in a build root: what is compiled there is compiled by its tools, no file of the host is mounted in a builder,
# Kconfig's questions are asked there, also those of 'kernix config', and shells show it. Without the network and without a
# root that is there already it is left out.
set -u
cd "$(dirname "$0")/../.." || exit 1
export KERNIX_SRC=$PWD
. tests/cmd/lib.sh
. tests/kconfig/mini-tree.sh
. tests/seed.sh
root=debian-13-amd64
[ "$(uname -m)" = x86_64 ] || { echo "the root of this test is for x86_64"; exit 77; }
mkdir -p "$work/store" "$work/home"
chmod 711 "$work"
seed_store "$work/store" "$root" 2>"$work/out" || { echo "the build root cannot be made here:"; tail -n 3 "$work/out"; exit 77; }
export NIX_REMOTE="local?root=$work/store" NIX_PATH=nixpkgs=$PWD/nixpkgs XDG_CACHE_HOME=$work/cache HOME=$work/home
printf 'import <nixpkgs> { config.kernix.buildRoot = true; }\n' >"$work/set.nix"
with="with import $work/set.nix;"
build() { timeout 300 "$bin/nix-build" --no-out-link "$@" 2>"$work/out"; }
content() { cat "$work/store$1" 2>/dev/null; }
same() { # NAME WANTED GOT
  [ "$2" = "$3" ] || printf 'wanted: %s\ngot:    %s\n' "$2" "$3" >>"$work/out"
  if [ "$2" = "$3" ]; then ok "$1"; else bad "$1" "$work/out"; fi
}
path=$("$bin/nix-instantiate" --eval -E "$with buildRoots.$root.outPath" 2>/dev/null | tr -d '"')
build -E "$with buildRoots.$root" >/dev/null
if grep -q building "$work/out"; then bad "the root is not made again" "$work/out"; else ok "the root is not made again"; fi

"$bin/nix-instantiate" -E "$with runCommand \"x\" { nativeBuildInputs = [ git ]; } \"\"" >"$work/out" 2>&1
if grep -q "x is built with this machine's tools, not in the build root, which has no git" "$work/out"; then ok "a tool that the root lacks is said"; else bad "a tool that the root lacks is said" "$work/out"; fi

# What a builder is given: each mount that is of a file system of the host is a device, the root, the store or the build's own.
drv=$(build -E "$with stdenv.mkDerivation {
  name = \"seen\"; dontUnpack = true;
  buildPhase = \"echo 'int main(void) { return 3; }' >a.c; gcc a.c -o a; status=0; ./a || status=\$?\";
  installPhase = ''
    mkdir \$out; cd \$out
    echo \$status >status; cat /proc/self/mountinfo >mounts; gcc --version >gcc; echo /usr/bin/* >programs
    for tool in pahole bison flex bc perl python3 depmod openssl; do type -P \$tool; done >tools
    ls -d /var /home /root /etc/debian_version /etc/ld.so.cache >host 2>/dev/null || true
    env >environment
  ''; }")
same "what is compiled runs" 3 "$(content "$drv/status")"
same "by the root's compiler" "gcc (Debian 14.2.0-19) 14.2.0" "$(content "$drv/gcc" | head -n 1)"
same "its programs are the root's" "$(cd "$work/store$path/usr/bin" && echo * | tr ' ' '\n' | sort | md5sum)" \
  "$(content "$drv/programs" | tr ' ' '\n' | sed 's,.*/,,' | sort | md5sum)"
same "tools of a kernel" 8 "$(content "$drv/tools" | wc -l)"
same "nothing of the host" "" "$(content "$drv/host")"
same "no mount of the host" "" "$(content "$drv/mounts" | awk '{ print $4, $5 }' |
  grep -vE '^[^ ]* (/|/proc|/tmp|/build|/dev/.*|/nix/store)$' | grep -vE "^[^ ]*/nix/store/[^ ]* " || true)"
same "no path of the host in the environment" "" "$(content "$drv/environment" | grep -E "$work|fingerprint" || true)"
drv=$(build -E "$with runCommandCC \"compiled\" { } \"echo 'int main(void) { return 0; }' >a.c; gcc -g a.c -o \$out\"")
same "a result does not keep the root" "" "$("$bin/nix-store" -q --references "$drv" || echo none)"
drv=$("$bin/nix-instantiate" -E "$with linux" 2>/dev/null)
same "no path of the host in a kernel's derivation" "" "$("$bin/nix-store" -q --binding builder "$drv" | grep -v "^$path/bin/bash$" || true)"

# A tool that the root does not have.
drv=$(build -E "$with runCommand \"needs-git\" { nativeBuildInputs = [ git ]; } \"git --version >\$out\"")
same "what needs a tool of the host" "git version" "$(content "$drv" | cut -d ' ' -f 1-2)"

# Kconfig.
tree=$work/tree
mini_tree "$tree"
cat >>"$tree/Kconfig" <<'X'
config CC_SAYS
	string
	default "$(shell,$(CC) -dumpfullversion)"
config PAHOLE_SAYS
	string
	default "$(shell,pahole --version)"
config ROOT_SAYS
	string
	default "$(shell,ls -d /var/lib/dpkg/status /usr/share/doc/base-files /usr/lib/gcc/x86_64-linux-gnu/* | tr '\n' ' ')"
X
cat >"$work/kernel.nix" <<X
let pkgs = import $work/set.nix; in pkgs.buildLinux {
  version = "6.12.1"; modDirVersion = "6.12.1"; src = $tree; defconfig = "allnoconfig"; enableCommonConfig = false; autoModules = false;
  structuredExtraConfig.NET = pkgs.lib.kernel.yes;
}
X
cat >"$work/configuration.nix" <<X
{ pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackagesFor (import $work/kernel.nix); boot.loader.grub.enable = false; fileSystems."/" = { device = "/dev/sda1"; fsType = "ext4"; }; }
X
drv=$(build -E "(import $work/kernel.nix).configfile")
same "Kconfig asks the root's compiler" 'CONFIG_CC_SAYS="14.2.0" CONFIG_PAHOLE_SAYS="v1.30" CONFIG_NET=y' \
  "$(content "$drv" | awk '/CC_SAYS=/{a=$0} /PAHOLE_SAYS=/{b=$0} /_NET=/{c=$0} END{print a, b, c}')"
ask() { timeout 120 "$KERNIX_BUILD/kernix" config "$@" --configuration "$work/configuration.nix"; }
check "kernix config answers" ask solve -o "$work/solved"
sed -i 's,/var/lib/dpkg/status ,,' "$work/solved" # a shell's view has the host's /var beside the root's tools
same "kernix config asks it, too" "$(content "$drv")" "$(cat "$work/solved")"
mkdir -p "$work/shims"
printf '#!/bin/sh\necho 1.2.3\n' >"$work/shims/gcc"
chmod +x "$work/shims/gcc"
PATH=$work/shims:$PATH check "and again, with another gcc before it" ask solve -o "$work/again"
sed -i 's,/var/lib/dpkg/status ,,' "$work/again"
same "the answers are known, and the same" "$(cat "$work/solved")" "$(cat "$work/again")"

# Shells.
shell() { "$bin/nix-shell" "$@" 2>"$work/out"; }
same "a shell" "14.2.0 yes" "$(shell -E "$with runCommandCC \"x\" { } \"\"" --run 'gcc -dumpfullversion; [ -d ~ ] && echo yes' | xargs)"
same "a pure shell" "14.2.0 yes" "$(shell --pure -E "$with runCommandCC \"x\" { } \"\"" --run 'gcc -dumpfullversion; [ -d ~ ] && echo yes' | xargs)"
same "a shell of gcc 12 has another root" "debian-12-amd64-root" "$("$bin/nix-instantiate" --eval -E "$with gcc12Stdenv.buildRoot.name" 2>/dev/null | tr -d '"')"
finish
