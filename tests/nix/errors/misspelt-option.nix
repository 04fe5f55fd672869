{ boot.kernelParms = [ "quiet" ]; }
