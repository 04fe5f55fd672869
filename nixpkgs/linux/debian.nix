# SPDX-License-Identifier: GPL-2.0-or-later
# Kernels of the distribution itself: built from its source packages (linux_debian, linux_debian_6_1; from its
# newer suites linux_debian_latest, the newest release, and linux_debian_testing, the next one), and prebuilt ones whose
# packages are only unpacked (linux_debian_bin). All are pinned in debian/lock.json.
{ final, lib, kernelOf }:
let
  lock = final.debLock;
  deb = name: final.fetchDeb ({ package = name; } // removeAttrs lock.${name} [ "suite" ]);

  # linux-source-6.12 is a kernel 6.12.117; 7.3~rc7 calls itself 7.3.0-rc7.
  upstream = name:
    let
      known = lock.${name}.version;
      candidate = builtins.match "([0-9.]+)~(rc[0-9]+)-.*" known;
    in
    if candidate == null then { version = builtins.head (builtins.match "([0-9.]+)[-~+].*" known); }
    else rec {
      version = builtins.concatStringsSep "-" candidate;
      modDirVersion = "${lib.versions.pad 3 (builtins.head candidate)}-${lib.last candidate}";
    };

  fromSource = isLTS: package: kernelOf (args: upstream package // {
    src = deb package;
    inherit isLTS;
    extraPassthru = { fromDebian = true; } // (args.extraPassthru or { });
    extraMeta = { branch = lib.versions.majorMinor (upstream package).version; } // (args.extraMeta or { });
  });

  # The newest prebuilt kernel of the lock file: linux-image-V, its headers and the tools that build against them.
  images = builtins.filter (name: builtins.match "linux-image-[0-9].*" name != null) (builtins.attrNames lock);
  newest = lib.last (lib.sort (a: b: builtins.compareVersions a b < 0) images);
in
{
  # A newer series is a row here and, by tools/debian-lock.sh --suite, in the lock file.
  kernels = {
    linux_debian_6_1 = fromSource true "linux-source-6.1";
    linux_debian_6_12 = fromSource true "linux-source-6.12";
    linux_debian_7_2 = fromSource false "linux-source-7.2";
    linux_debian_7_3 = fromSource false "linux-source-7.3";
    linux_debian = final.linux_debian_6_12;
    linux_debian_latest = final.linux_debian_7_2;
    linux_debian_testing = final.linux_debian_7_3;
    # Its headers want the compiler of its suite, Debian 12, by name.
    linux_debian_bin = final.callPackage ./prebuilt.nix ({ imagePackage = newest; kernelPatches = [ ]; }
      // (if final.stdenv.buildRoot == null then { } else { stdenv = final.gcc12Stdenv; }));
  };
  packages = { };
}
