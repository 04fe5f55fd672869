{ src }: { defaultNix = (import (src + "/flake.nix")); }
