{
  inputs.systems.url = "github:nix-systems/default";
  outputs = { self, systems }:
    let
      eachSystem = systems: make:
        let
          add = all: system:
            let one = make system;
            in all // builtins.mapAttrs (name: value: (all.${name} or { }) // { ${system} = value; }) one;
        in builtins.foldl' add { } systems;
    in {
      lib = {
        inherit eachSystem;
        defaultSystems = import systems;
        eachDefaultSystem = eachSystem (import systems);
        mkApp = { drv, name ? drv.pname or drv.name }: { type = "app"; program = "${drv}/bin/${name}"; };
      };
    };
}
