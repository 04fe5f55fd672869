# SPDX-License-Identifier: GPL-2.0-or-later
# what: a pinned version: Nix's own source path, mirrors in turn, a wrong modDirVersion is told
must "the same system as real Nix" same_system "$row/snippet.nix"
must "the pinned version" is '"4.19.60"' option "$row/snippet.nix" boot.kernelPackages.kernel.modDirVersion
path=$(/usr/bin/nix-store --print-fixed-path sha256 0ibayrvrnw2lw7si78vdqnr20mm1d3z0g6a0ykndvgn5vdax5x9a linux-4.19.60.tar.xz 2>/dev/null)
must "the source's path is the one that Nix says" is "\"$path\"" option "$row/snippet.nix" boot.kernelPackages.kernel.src.outPath

# Offline but for a server of our own that is the second mirror: /etc/hosts and the network are this command's own.
mkdir -p site/pub/linux/kernel/v4.x
echo "a stand-in for a tarball" >site/pub/linux/kernel/v4.x/linux-4.19.60.tar.xz
hash=$(sha256sum site/pub/linux/kernel/v4.x/*.xz | cut -d' ' -f1)
pinned() {
  cat >offline.sh <<S
ip link set lo up
echo "127.0.0.1 linux-kernel.uio.no" >hosts
mount --bind hosts /etc/hosts
[ -z "$1" ] || busybox httpd -p 127.0.0.1:80 -h "$1"
exec "$build/bin/nix-build" --no-out-link -E 'with import <nixpkgs> { }; fetchurl rec {
  version = "4.19.60"; pname = "$2";
  url = "mirror://kernel/linux/kernel/v4.x/linux-\${version}.tar.xz"; sha256 = "$hash"; }'
S
  NIX_REMOTE="local?root=$store" timeout 120 unshare --net --mount --pid --mount-proc --fork --kill-child bash offline.sh
}
must "the mirrors are tried in turn" pinned "$PWD/site" served
must "the file is the second's" cmp "$store$(tail -n 1 must.log)" site/pub/linux/kernel/v4.x/linux-4.19.60.tar.xz
must "offline: a clean error" fails "cdn.kernel.org/pub/linux/kernel/v4.x/linux-4.19.60.tar.xz" pinned "" offline
must "with every mirror named" says fails.log "linux-kernel.uio.no/pub/linux"

wrong='with import <nixpkgs> { }; linux_debian.override { argsOverride = { modDirVersion = "4.19.60"; }; defconfig = "allnoconfig"; enableCommonConfig = false; autoModules = false; }'
must "a wrong modDirVersion" fails "this source builds kernel '6\.[0-9.]+', but modDirVersion says '4.19.60'" ours nix-build --no-out-link -E "$wrong"
must "and what to write" says fails.log 'Set modDirVersion = "6\.[0-9.]+"'
