{ pkgs, ... }: { boot.extraModprobeConfig = "options kvm_intel nested=1"; boot.kernelModules = [ "kvm-intel" ]; }
