{ base = import ./base.nix; }
