with import <nixpkgs> {}; callPackage ({ lib, stdenv, fetchFromGitHub, kernel ? linuxPackages_latest.kernel, kernelModuleMakeFlags ? [], ... }: stdenv.mkDerivation (finalAttrs: {
  pname = "rtl8821ce"; version = "${kernel.version}-unstable-2024"; src = fetchFromGitHub { owner = "tomaspinho"; repo = "rtl8821ce"; rev = "f119398d868b1a3395f40c1df2e08b57b2c882cd"; hash = "sha256-EfpKa5ZRBVM5T8EVim3cVX1PP1UM9CyG6tN5Br8zYww="; sparseCheckout = [ "src" ]; };
  hardeningDisable = [ "pic" ]; nativeBuildInputs = [ bc nukeReferences ] ++ kernel.moduleBuildDependencies; makeFlags = kernel.makeFlags ++ kernelModuleMakeFlags;
  prePatch = ''
    substituteInPlace ./Makefile --replace-fail /lib/modules/ "${kernel.dev}/lib/modules/" --replace-fail /sbin/depmod '#'  --replace '$(MODDESTDIR)' "$out/lib/modules/${kernel.modDirVersion}/kernel/net/wireless/"
  '';
  preInstall = "mkdir -p \"$out/lib/modules/${kernel.modDirVersion}/kernel/net/wireless/\""; postInstall = "nuke-refs $out/lib/modules/*/kernel/net/wireless/*.ko"; enableParallelBuilding = true;
  meta = with lib; { description = "x"; license = licenses.gpl2Only; platforms = platforms.linux; broken = stdenv.hostPlatform.isAarch64 || kernel.isHardened || (lib.versionAtLeast kernel.version "99" && kernel.isLibre); maintainers = with maintainers; [ hhm samuelgrf ]; };
})) {}
