# SPDX-License-Identifier: GPL-2.0-or-later
# Kernels of the distribution itself: built from its source packages (linux_debian, linux_debian_6_1), and prebuilt ones
# whose packages are only unpacked (linux_debian_bin). All are pinned in debian/lock.json.
{ final, lib, kernelOf }:
let
  lock = final.debLock;
  deb = name: final.fetchDeb ({ package = name; } // lock.${name});
  upstream = name: builtins.head (builtins.match "([0-9.]+)[-~+].*" lock.${name}.version);

  fromSource = package: kernelOf (args: {
    version = upstream package;
    src = deb package;
    isLTS = true;
    extraPassthru = { fromDebian = true; } // (args.extraPassthru or { });
    extraMeta = { branch = lib.versions.majorMinor (upstream package); } // (args.extraMeta or { });
  });

  # The newest prebuilt kernel of the lock file: linux-image-V, its headers and the tools that build against them.
  images = builtins.filter (name: builtins.match "linux-image-[0-9].*" name != null) (builtins.attrNames lock);
  newest = lib.last (lib.sort (a: b: builtins.compareVersions a b < 0) images);
in
{
  kernels = {
    linux_debian = fromSource "linux-source-6.12";
    linux_debian_6_12 = final.linux_debian;
    linux_debian_6_1 = fromSource "linux-source-6.1";
    linux_debian_bin = final.callPackage ./prebuilt.nix { imagePackage = newest; kernelPatches = [ ]; };
  };
  packages = { };
}
