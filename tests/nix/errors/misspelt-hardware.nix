{ hardware.enableRedistributableFirmwares = true; }
