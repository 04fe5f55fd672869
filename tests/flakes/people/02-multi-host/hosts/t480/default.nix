{ pkgs, config, ... }: { boot.kernelParams = [ "mem_sleep_default=deep" ]; boot.extraModulePackages = [ config.boot.kernelPackages.acpi_call ]; }
