{ boot.kernelParams = "quiet"; }
