{ pkgs ? import <nixpkgs> {} }:
pkgs.mkShell { nativeBuildInputs = with pkgs; [ gcc gnumake ncurses bison flex elfutils pkg-config bc openssl python3 perl ]; buildInputs = [ pkgs.linux_latest.dev ]; KERNELDIR = "${pkgs.linux_latest.dev}/lib/modules/${pkgs.linux_latest.modDirVersion}/build"; shellHook = "export A=1"; hardeningDisable = [ "all" ]; inputsFrom = [ pkgs.linux_latest ]; }
