{ pkgs, lib, kernel ? pkgs.linuxPackages_latest.kernel }:

pkgs.stdenv.mkDerivation {
  pname = "ifb-kernel-module";
  inherit (kernel) version;
  src = ./ifb;
  nativeBuildInputs = kernel.moduleBuildDependencies;
  buildPhase = "make -C ${kernel.dev}/lib/modules/${kernel.modDirVersion}/build M=$PWD modules";
  installPhase = "install -D -t $out/lib/modules/${kernel.modDirVersion}/extra ifb.ko";
  meta.license = lib.licenses.gpl2;
}
