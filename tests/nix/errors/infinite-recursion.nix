{ config, ... }: { boot.kernelParams = config.boot.kernelParams ++ [ "a" ]; }
