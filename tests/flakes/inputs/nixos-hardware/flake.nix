{
  outputs = _: {
    nixosModules = {
      lenovo-thinkpad-t480 = import ./lenovo/thinkpad/t480;
      common-cpu-intel = import ./common/cpu/intel;
      common-pc-ssd = ./common/pc/ssd;
      raspberry-pi-4 = import ./raspberry-pi/4;
    };
  };
}
