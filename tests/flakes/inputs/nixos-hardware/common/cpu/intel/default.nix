{ config, lib, ... }: { boot.initrd.kernelModules = [ "i915" ]; hardware.cpu.intel.updateMicrocode = lib.mkDefault false; }
