{ boot.crashDump.enable = true; }
