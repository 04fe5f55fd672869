# attr: kernel
let pkgs = import <nixpkgs> { config.allowUnfree = true; overlays = [ (self: super: { linux_x = super.linux_6_6.override { argsOverride = { extraMakeFlags = [ "LLVM=1" ]; }; stdenv = self.llvmPackages_latest.stdenv; }; }) ]; };
in pkgs.linuxPackagesFor pkgs.linux_x
