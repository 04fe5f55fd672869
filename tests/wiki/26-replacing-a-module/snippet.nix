{pkgs, config, ...}:
let
  amdgpu-kernel-module = pkgs.callPackage ../packages/amdgpu-kernel-module.nix {
    # Make sure the module targets the same kernel as your system is using.
    kernel = config.boot.kernelPackages.kernel;
  };
in
{
  boot.extraModulePackages = [
    (amdgpu-kernel-module.overrideAttrs (_: {
      patches = [ ../packages/amdgpu-foo-bar.patch ];
    }))
  ];
}
