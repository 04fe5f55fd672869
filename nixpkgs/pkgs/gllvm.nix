# SPDX-License-Identifier: GPL-2.0-or-later
# Whole-program LLVM bitcode from a normal build, under the names of gllvm's programs: gclang and gclang++ compile as clang
# does and keep the bitcode of each object beside it; get-bc links what a program or object was made of. Our own small
# stand-in: Debian has no gllvm.
{ lib, stdenvNoCC, clangStdenv }:
let
  inherit (clangStdenv.cc) suffix;
  compiler = program: ''
    #!/bin/bash
    # Compiles with ${program}; objects get a section .llvm_bc that names their bitcode.
    ${program}${suffix} "$@" || exit
    object= compiles= previous=
    arguments=()
    for word in "$@"; do
      if [ "$previous" = -o ]; then object=$word; else
        case $word in -c) compiles=1 ;; -o) ;; *) arguments+=("$word") ;; esac
      fi
      previous=$word
    done
    if [ -z "$compiles" ] || [ -z "$object" ]; then exit 0; fi
    bitcode=$(realpath -m "$(dirname "$object")")/.$(basename "$object").bc
    ${program}${suffix} -emit-llvm -c "''${arguments[@]}" -o "$bitcode" 2>/dev/null || exit 0
    list=$(mktemp)
    echo "$bitcode" > "$list"
    llvm-objcopy${suffix} --add-section ".llvm_bc=$list" "$object" 2>/dev/null || objcopy --add-section ".llvm_bc=$list" "$object"
    rm -f "$list"
  '';
  collector = ''
    #!/bin/bash
    # get-bc [-o FILE] PROGRAM: one bitcode file of all objects that PROGRAM was linked from.
    output=
    if [ "$1" = -o ]; then output=$2; shift 2; fi
    list=$(mktemp)
    trap 'rm -f "$list"' EXIT
    objcopy --dump-section ".llvm_bc=$list" "$1" /dev/null || { echo "get-bc: $1 was not made with gclang" >&2; exit 1; }
    tr -d '\0' < "$list" | sort -u | xargs llvm-link${suffix} -o "''${output:-$1.bc}"
  '';
in
stdenvNoCC.mkDerivation {
  pname = "gllvm";
  version = "1.0";
  gclang = compiler "clang";
  gclangxx = compiler "clang++";
  getbc = collector;
  passAsFile = [ "gclang" "gclangxx" "getbc" ];
  buildCommand = ''
    mkdir -p $out/bin
    cp $gclangPath $out/bin/gclang
    cp $gclangxxPath $out/bin/gclang++
    cp $getbcPath $out/bin/get-bc
    chmod +x $out/bin/*
  '';
  preferLocalBuild = true;
  meta.description = "Compiler wrappers that keep LLVM bitcode";
}
