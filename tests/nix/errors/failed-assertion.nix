{ assertions = [ { assertion = false; message = "there is no reason"; } ]; }
