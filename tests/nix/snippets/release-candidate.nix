# kind: configuration
{ pkgs, lib, ... }: {
  boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.linux_latest.override {
    argsOverride = { version = "6.99.0"; modDirVersion = "6.99.0"; src = pkgs.fetchurl { url = "mirror://kernel/linux/kernel/v6.x/linux-6.99.tar.xz"; sha256 = lib.fakeSha256; }; };
    structuredExtraConfig = with lib.kernel; { DEBUG_INFO = yes; KGDB = yes; };
    ignoreConfigErrors = true;
    kernelPatches = [ ];
    extraMeta = { branch = "6.99"; };
    autoModules = false;
    defconfig = "x86_64_defconfig";
  });
}
