{ boots.kernelParams = [ "quiet" ]; }
