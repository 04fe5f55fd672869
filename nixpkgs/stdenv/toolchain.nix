# SPDX-License-Identifier: GPL-2.0-or-later
# The fingerprint of the host's toolchain. It is part of every derivation that compiles, so that an upgraded compiler
# means a rebuild and never a silent mix. On Debian it comes from dpkg's small md5sums files of the packages that
# matter; elsewhere from the programs themselves. A missing toolchain has the fingerprint "absent": evaluation goes
# on, and the build says what to install.
#
# This file is also where the toolchain is chosen: a pinned one in the store would be a change of this file only.
{ system }:
let
  inherit (builtins) pathExists readDir attrNames filter concatStringsSep hashFile hashString substring match;

  info = "/var/lib/dpkg/info/";
  isDebian = pathExists "/var/lib/dpkg/info";
  debArch = { x86_64-linux = "amd64"; aarch64-linux = "arm64"; i686-linux = "i386"; armv7l-linux = "armhf"; }.${system} or "amd64";
  multiarch = {
    x86_64-linux = "x86_64-linux-gnu"; aarch64-linux = "aarch64-linux-gnu"; i686-linux = "i386-linux-gnu";
    armv7l-linux = "arm-linux-gnueabihf"; riscv64-linux = "riscv64-linux-gnu";
  }.${system} or "x86_64-linux-gnu";

  short = text: substring 0 32 (hashString "sha256" text);

  # The packages' file lists; null where the package is not there.
  packageHash = name:
    let
      plain = info + name + ".md5sums";
      withArch = info + "${name}:${debArch}.md5sums";
    in
    if pathExists plain then hashFile "sha256" plain
    else if pathExists withArch then hashFile "sha256" withArch
    else null;
  hashAll = hash: names:
    let hashes = map hash names;
    in if builtins.elem null hashes then "absent" else short (concatStringsSep " " hashes);

  fileHash = path: if pathExists path then hashFile "sha256" path else null;

  # Numbers only: /usr/lib/gcc/TRIPLE holds one folder for each version. The newest is what `gcc` is on Debian.
  versionsIn = folder:
    if pathExists folder then filter (name: match "[0-9]+" name != null) (attrNames (readDir folder)) else [ ];
  newest = versions:
    builtins.foldl' (best: v: if best == null || builtins.compareVersions v best > 0 then v else best) null versions;

  common = [ "make" "libc6" "libc6-dev" ];
  gnuDash = builtins.replaceStrings [ "_" ] [ "-" ];

  native = rec {
    version = newest (versionsIn "/usr/lib/gcc/${multiarch}");
    fingerprint =
      if version == null then "absent"
      else if isDebian then
        hashAll packageHash ([ "gcc-${version}" "cpp-${version}" "binutils-${gnuDash multiarch}" ] ++ common)
      else hashAll fileHash [ "/usr/bin/gcc" "/usr/bin/ld" "/usr/bin/as" "/usr/bin/make" "/usr/include/stdio.h" ];
  };

  # triple as Debian writes it: aarch64-linux-gnu.
  cross = triple: rec {
    version = newest (versionsIn "/usr/lib/gcc-cross/${triple}");
    fingerprint =
      if version == null then "absent"
      else if isDebian then
        hashAll packageHash ([ "gcc-${version}-${gnuDash triple}" "cpp-${version}-${gnuDash triple}" "binutils-${gnuDash triple}" "make" ])
      else hashAll fileHash [ "/usr/bin/${triple}-gcc" "/usr/bin/${triple}-ld" "/usr/bin/make" ];
  };

  clang = version: {
    inherit version;
    fingerprint =
      if isDebian then hashAll packageHash ([ "clang-${version}" "llvm-${version}" "lld-${version}" ] ++ common)
      else hashAll fileHash [ "/usr/bin/clang-${version}" "/usr/bin/ld.lld-${version}" "/usr/bin/make" ];
  };
  clangVersions =
    let
      folder = "/usr/lib";
      numbers = map (name: match "llvm-([0-9]+)" name) (attrNames (readDir folder));
      present = filter (v: pathExists "/usr/lib/llvm-${v}/bin/clang")
        (map builtins.head (filter (m: m != null) numbers));
    in
    if pathExists folder then builtins.sort (a: b: builtins.compareVersions a b < 0) present else [ ];
in
{ inherit native cross clang clangVersions; }
