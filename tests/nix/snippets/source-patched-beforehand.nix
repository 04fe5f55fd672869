# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel of a source that was patched as a whole.
with import <nixpkgs> { }; callPackage ({ lib, buildLinux, fetchzip, runCommand, ... }@args: let version = "6.7.3"; majorVersion = with lib; (elemAt (take 1 (splitVersion version)) 0); in buildLinux (args // {
  inherit version; pname = "linux-t2"; modDirVersion = with lib; "${concatStringsSep "." (take 3 (splitVersion "${version}.0"))}";
  src = runCommand "patched-source" { } ''
    cp -r ${fetchzip { url = "mirror://kernel/linux/kernel/v${majorVersion}.x/linux-${version}.tar.xz"; hash = lib.fakeHash; }} $out
    chmod -R u+w $out; cd $out
    patch -p1 < ${./files/readme.patch}
  '';
  structuredExtraConfig = with lib.kernel; { APPLE_BCE = module; BRCMFMAC = module; HID_APPLE = module; };
} // (args.argsOverride or { }))) { }
