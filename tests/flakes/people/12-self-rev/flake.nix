{
  inputs.nixpkgs.url = "flake:nixpkgs";
  outputs = { self, nixpkgs }: {
    nixosConfigurations.ver = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ {
        system.configurationRevision = self.rev or self.dirtyRev or null;
        system.nixos.label = "r${self.shortRev or self.dirtyShortRev or "none"}-${self.lastModifiedDate}";
        fileSystems."/" = { device = "/dev/sda1"; fsType = "ext4"; };
        boot.kernelParams = [ "src=${self}" "hash=${self.narHash}" "count=${toString (self.revCount or 0)}" ];
      } ];
    };
    info = builtins.removeAttrs self.sourceInfo [ "outPath" ];
  };
}
