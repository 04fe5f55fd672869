{ boot.kernelModules = [ 3 ]; }
