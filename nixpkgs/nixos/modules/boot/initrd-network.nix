# SPDX-License-Identifier: GPL-2.0-or-later
# The network in stage 1 (boot.initrd.network) and its ssh server, so that somebody far away can give the passphrase. Scripts and programs of
# the initrd do it (./initrd-network, busybox, dropbear); stage 1 starts and ends them (src/stage1/network.h).
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption mkIf types optional optionalAttrs escapeShellArg;
  cfg = config.boot.initrd.network;
  inherit (cfg) ssh;
  switch = default: text: mkOption { type = types.bool; inherit default; description = text; };
  attempt = import ../../lib/attempt.nix;

  # What root has for ssh in the running system; users are the distribution's, and nobody else looks at them.
  ofRoot = name: let value = attempt (config.users.users.root.openssh.authorizedKeys.${name} or [ ]); in if value.success && builtins.isList value.value then value.value else [ ];
  # As NixOS has it: a path of Nix has its own place in the initrd, a string is the same path there.
  keyPath = path: if builtins.isString path then builtins.unsafeDiscardStringContext path else "/etc/ssh/${baseNameOf path}";
  keys = pkgs.runCommand "authorized-keys"
    { text = lib.concatMapStrings (key: key + "\n") ssh.authorizedKeys; passAsFile = [ "text" ]; files = ssh.authorizedKeyFiles; preferLocalBuild = true; } ''
    cp $textPath $out
    # The last line of a file may lack its end.
    for file in $files; do sed -e '$a\' $file >>$out; done
  '';
  shell = if ssh.shell == null then "/bin/ash" else ssh.shell;

  text = name: content: { ${name}.source = pkgs.writeText (baseNameOf name) content; };
  script = name: file: { ${name}.source = pkgs.runCommand (baseNameOf name) { preferLocalBuild = true; } "install -m 555 ${file} $out"; };
  line = name: value: "${name}=${escapeShellArg value}\n";
  settings = line "dhcp" (if cfg.udhcpc.enable then "1" else "0")
    + line "dhcp_args" (lib.concatMapStringsSep " " toString cfg.udhcpc.extraArgs)
    + lib.optionalString ssh.enable (line "ssh" "1" + line "port" (toString ssh.port) + line "host_keys" (lib.concatMapStringsSep " " keyPath ssh.hostKeys));
  locked = builtins.filter (path: lib.hasInfix " " (keyPath path)) ssh.hostKeys;
  # Cards of most machines. NixOS wants their drivers named; a kernel need not have them.
  cards = [ "virtio_net" "e1000" "e1000e" "igb" "igc" "r8169" "tg3" "af_packet" ];
in
{
  options.boot.initrd.network = {
    enable = switch false "Whether stage 1 brings the network up: as ip= on the kernel command line says, else by DHCP. The card's driver must be in boot.initrd.availableKernelModules.";
    flushBeforeStage2 = switch true "Whether the network is taken down before stage 2 starts.";
    udhcpc.enable = mkOption {
      type = types.bool;
      default = config.networking.useDHCP or true;
      defaultText = lib.literalExpression "networking.useDHCP";
      description = "Whether interfaces that ip= does not name get their address by DHCP.";
    };
    udhcpc.extraArgs = mkOption { type = types.listOf types.str; default = [ ]; example = [ "-x" "hostname:machine" ]; description = "Further arguments of udhcpc."; };
    postCommands = mkOption { type = types.lines; default = ""; description = "Shell commands that stage 1 runs when the network is up."; };
    ssh = {
      enable = switch false "Whether stage 1 has an ssh server; cryptsetup-askpass in its session opens encrypted devices.";
      port = mkOption { type = types.port; default = 22; description = "Where it listens. Another one than the system's own spares a warning about a changed host key."; };
      shell = mkOption { type = types.nullOr types.str; default = null; defaultText = "/bin/ash"; example = "/bin/cryptsetup-askpass"; description = "What a session starts."; };
      hostKeys = mkOption {
        type = types.listOf (types.either types.str types.path);
        default = [ ];
        example = [ "/etc/secrets/initrd/ssh_host_ed25519_key" ];
        description = "Private keys of the server, made by ssh-keygen, outside of the store: boot.initrd.secrets brings them into the initrd. Not those of the system itself, since /boot is not encrypted.";
      };
      ignoreEmptyHostKeys = switch false "Whether it starts without host keys of yours; one is then made at each start.";
      authorizedKeys = mkOption { type = types.listOf types.str; default = ofRoot "keys"; defaultText = lib.literalExpression "users.users.root.openssh.authorizedKeys.keys"; description = "Public keys that open it, for root."; };
      authorizedKeyFiles = mkOption { type = types.listOf types.path; default = ofRoot "keyFiles"; defaultText = lib.literalExpression "users.users.root.openssh.authorizedKeys.keyFiles"; description = "Files of such keys."; };
      extraConfig = mkOption { type = types.lines; default = ""; visible = false; };
    };
  };

  config = mkIf (config.boot.kernel.enable && config.boot.initrd.enable) (lib.mkMerge [ {
    warnings = optional (ssh.enable && !cfg.enable) "boot.initrd.network.ssh.enable has no effect without boot.initrd.network.enable = true: stage 1 has no network, and nobody can unlock this machine from afar.";
  } (mkIf cfg.enable {
    boot.initrd = {
      programs = [ "busybox" ] ++ optional ssh.enable "dropbear";
      optionalKernelModules = cards;
      secrets = mkIf ssh.enable (builtins.listToAttrs (map (path: lib.nameValuePair (keyPath path) path) ssh.hostKeys));
      extraFiles = text "/etc/stage1/network" settings
        // script "/sbin/net-up" ./initrd-network/net-up.sh
        // script "/sbin/net-main" ./initrd-network/net-main.sh
        // script "/sbin/net-dhcp" ./initrd-network/net-dhcp.sh
        // optionalAttrs cfg.flushBeforeStage2 (script "/sbin/net-down" ./initrd-network/net-down.sh)
        // optionalAttrs (cfg.postCommands != "") (text "/etc/stage1/post-commands" cfg.postCommands)
        // optionalAttrs ssh.enable (
          text "/etc/passwd" "root:x:0:0:root:/root:${shell}\n"
          // text "/etc/group" "root:x:0:\ntty:x:5:\n"
          // text "/etc/shells" "${shell}\n/bin/sh\n/bin/ash\n"
          // { "/root/.ssh/authorized_keys".source = keys; }
        );
    };
    assertions = lib.optionals ssh.enable [
      { assertion = ssh.authorizedKeys != [ ] || ssh.authorizedKeyFiles != [ ]; message = "boot.initrd.network.ssh.authorizedKeys: without a public key nobody could log in."; }
      {
        assertion = ssh.hostKeys != [ ] || ssh.ignoreEmptyHostKeys;
        message = "boot.initrd.network.ssh.hostKeys: the server needs a key of its own, outside of the store:\n    mkdir -p /etc/secrets/initrd; ssh-keygen -t ed25519 -N \"\" -f /etc/secrets/initrd/ssh_host_ed25519_key\n    boot.initrd.network.ssh.hostKeys = [ \"/etc/secrets/initrd/ssh_host_ed25519_key\" ];";
      }
      { assertion = locked == [ ]; message = "boot.initrd.network.ssh.hostKeys: a path with blanks is not built: ${toString locked}"; }
      { assertion = lib.hasPrefix "/" shell; message = "boot.initrd.network.ssh.shell: '${shell}' must be a path in the initrd, such as /bin/ash or /bin/cryptsetup-askpass."; }
    ];
    warnings = optional (ssh.enable && ssh.extraConfig != "") "boot.initrd.network.ssh.extraConfig has no effect: the server of stage 1 is dropbear, which has no sshd_config."
      ++ optional (!cfg.udhcpc.enable && !lib.any (lib.hasPrefix "ip=") config.boot.kernelParams)
        "boot.initrd.network: stage 1 gets no address: no ip= is in boot.kernelParams, and boot.initrd.network.udhcpc.enable (by default networking.useDHCP) is off. Add ip= there, or let it ask by DHCP with boot.initrd.network.udhcpc.enable = true.";
  }) ]);
}
