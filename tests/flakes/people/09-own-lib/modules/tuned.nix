{ lib, config, ... }: { options.my.tuned = lib.mkEnableOption "tuning"; config.boot.kernel.sysctl = lib.mkIf config.my.tuned { "kernel.sched_autogroup_enabled" = 1; }; }
