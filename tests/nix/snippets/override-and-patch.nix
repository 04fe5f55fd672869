with import <nixpkgs> {};
(linuxPackages.kernel.override { structuredExtraConfig = with lib.kernel; { X = yes; }; }).overrideAttrs (old: { pname = "x"; patches = (old.patches or []) ++ [ (fetchpatch { url = "https://a/b.patch"; hash = lib.fakeHash; includes = [ "drivers/*" ]; }) ]; dontStrip = true; })
