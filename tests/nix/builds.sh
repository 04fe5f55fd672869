#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds what nixpkgs/ offers to small packages: compiler flags of a stdenv adapter, references that are taken out, Python
# libraries, device trees with overlays, wrappers of programs, a closure of kernel modules.
set -u
cd "$(dirname "$0")" || exit 1
: "${KERNIX_BUILD:?}"
work=$(mktemp -d "${TMPDIR:-/tmp}/kernix-nix-builds.XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
export HOME=$work NIX_PATH=nixpkgs=$PWD/../../nixpkgs
passed=0 failed=0

build() { "$KERNIX_BUILD/bin/nix-build" --store "$work/root" --no-out-link "$@" 2>"$work/err" | tail -n 1; }
same() { # NAME WANTED GOT
  if [ "$2" = "$3" ]; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    printf 'FAILED: %s: wanted %s, got %s\n' "$1" "$2" "$3"
    tail -n 15 "$work/err"
  fi
}
has() { # NAME TEXT FILE
  if grep -qF -- "$2" "$3"; then same "$1" yes yes; else same "$1" "$2" "$(tail -n 5 "$3")"; fi
}

out=$(build -E 'with import <nixpkgs> { }; (withCFlags [ "-DWORD=7" ] stdenv).mkDerivation {
  name = "flags"; dontUnpack = true; env.NIX_CFLAGS_LINK = "-s";
  buildPhase = "echo \"int main(void) { return WORD; }\" >a.c; gcc a.c -o a; cc -c a.c";
  installPhase = "status=0; ./a || status=$?; echo $status >$out"; }')
same "flags reach every compiler" 7 "$(cat "$work/root$out")"

out=$(build -E 'with import <nixpkgs> { }; let text = writeText "text" "x"; in runCommand "refs" { nativeBuildInputs = [ nukeReferences removeReferencesTo ]; } "
  echo ${text} ${emptyFile} >all; cp all \$out; nuke-refs -e ${emptyFile} \$out; cp all some; remove-references-to -t ${text} some; cmp some \$out"')
same "references that are kept" "1" "$(NIX_REMOTE= "$KERNIX_BUILD/bin/nix-store" --store "$work/root" -q --references "$out" | grep -c -e -empty-file)"
same "references that are gone" 0 "$(NIX_REMOTE= "$KERNIX_BUILD/bin/nix-store" --store "$work/root" -q --references "$out" | grep -c -e -text)"

same "a Python library that is missing" "" "$(build -E '(import <nixpkgs> { }).python3.withPackages (p: [ p.dt-schema ])')"
has "it is named with its package" "apt-get install dt-schema" "$work/err"

out=$(build -E 'with import <nixpkgs> { }; runCommand "wrapped" { nativeBuildInputs = [ makeWrapper installShellFiles ]; } "
  mkdir -p $out/bin
  printf \"#!/bin/bash\necho \\\"\\\$A,\\\$P,\\\$*\\\"\n\" >$out/bin/prog
  chmod +x $out/bin/prog
  wrapProgram $out/bin/prog --set A \"a b\" --prefix P : /x --suffix P : /z --add-flags -q --append-flag \"w w\"
  P=/old $out/bin/prog one >$out/said
  echo x >c; installShellCompletion --cmd prog --bash c; installManPage prog.1 || true
"')
same "a wrapper" "a b,/x:/old:/z,-q one w w" "$(cat "$work/root$out/said")"
same "a completion" x "$(cat "$work/root$out/share/bash-completion/completions/prog.bash")"

same "programs of an initrd, where readelf cannot say what they need" "" "$(build -E '((import <nixpkgs> { }).initrdTools { programs = [ "mdadm" ]; }).overrideAttrs (old: {
  debFiles = [ ]; also = [ ]; buildCommand = "mkdir -p tree/sbin; : >tree/sbin/mdadm; readelf() { return 127; }\n" + old.buildCommand; })')"
has "are not built" "readelf cannot say what libraries sbin/mdadm needs" "$work/err"

mkdir -p "$work/tree/lib/modules/1.2.3/kernel"
: >"$work/tree/lib/modules/1.2.3/modules.dep"
printf 'kernel/loop.ko\nkernel/ext4.ko\n' >"$work/tree/lib/modules/1.2.3/modules.builtin"
PATH=/usr/sbin:/usr/bin:/sbin:/bin depmod -b "$work/tree" 1.2.3 2>/dev/null
out=$(build -E "with import <nixpkgs> { }; makeModulesClosure { kernel = $work/tree; rootModules = [ \"loop\" \"nonesuch\" ]; allowMissing = true; }")
same "modules that are built in" loop "$(cat "$work/root$out/insmod-list")"
same "a module that is missing" "" "$(build -E "with import <nixpkgs> { }; makeModulesClosure { kernel = $work/tree; rootModules = [ \"nonesuch\" ]; }")"
has "it is named" "has no module nonesuch" "$work/err"

cat >"$work/board.dts" <<'DTS'
/dts-v1/;
/ { compatible = "maker,board", "maker,family"; serial@1000 { status = "disabled"; }; };
DTS
mkdir -p "$work/dtbs/maker"
dtc -q -o "$work/dtbs/maker/board.dtb" "$work/board.dts"
sed 's/maker,/other,/g' "$work/board.dts" | dtc -q -o "$work/dtbs/maker/other.dtb" -
cat >"$work/system.nix" <<DTS
{ pkgs, ... }: {
  hardware.deviceTree = {
    enable = true; kernelPackage.tree = pkgs.emptyDirectory; dtbSource = $work/dtbs; filter = "*.dtb"; dtboBuildExtraPreprocessorFlags = [ "-DSTATUS=\"okay\"" ];
    overlays = [
      { name = "serial on"; dtsText = "/dts-v1/; /plugin/; / { compatible = \"maker,family\"; fragment@0 { target-path = \"/serial@1000\"; __overlay__ { status = STATUS; }; }; };"; }
    ];
  };
}
DTS
out=$(build '<nixpkgs/nixos>' --arg configuration "$work/system.nix" -A config.hardware.deviceTree.package)
same "an overlay on its board" okay "$(fdtget "$work/root$out/maker/board.dtb" /serial@1000 status)"
same "and on no other" disabled "$(fdtget "$work/root$out/maker/other.dtb" /serial@1000 status)"

echo "$passed passed, $failed failed"
[ -z "${KERNIX_REPORT:-}" ] || echo "$passed $failed 0" >"$KERNIX_REPORT"
[ "$failed" = 0 ]
