{ lib, ... }: { imports = [ ../../../common/cpu/intel ]; boot.kernelModules = [ "acpi_call" ]; boot.kernelParams = [ "psmouse.synaptics_intertouch=0" ]; }
