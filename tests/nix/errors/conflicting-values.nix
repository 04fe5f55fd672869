{ imports = [ { networking.hostName = "one"; } { networking.hostName = "two"; } ]; }
