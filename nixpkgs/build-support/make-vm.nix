# SPDX-License-Identifier: GPL-2.0-or-later
# makeVm { toplevel; name; ... }: a script bin/run-NAME-vm that boots that very system (its kernel, initrd, parameters and
# init) in QEMU, the serial console in this terminal. The root is an image of the toplevel's closure, never written to.
# guest/run-vm.sh tells what the script understands; the machine's defaults are given here.
{ lib, stdenvNoCC, stdenv, makeVmImage }:
{ toplevel
, name ? "nixos"
, memorySize ? 512   # MiB
, cores ? 1
, qemuOptions ? [ ]  # words
, kernelParams ? [ ] # after those of the system
, extraDiskSpace ? 32 # MiB
, image ? makeVmImage { name = "${name}-root"; system = toplevel; extraFree = extraDiskSpace; }
, platform ? stdenv.hostPlatform
, passthru ? { }
}:
let
  machines = {
    x86_64 = { qemu = "qemu-system-x86_64"; machine = "pc"; cpu = ""; console = "ttyS0"; params = [ "reboot=t" ]; };
    i686 = { qemu = "qemu-system-i386"; machine = "pc"; cpu = ""; console = "ttyS0"; params = [ "reboot=t" ]; };
    aarch64 = { qemu = "qemu-system-aarch64"; machine = "virt"; cpu = "cortex-a57"; console = "ttyAMA0"; params = [ ]; };
    armv7l = { qemu = "qemu-system-arm"; machine = "virt"; cpu = "cortex-a15"; console = "ttyAMA0"; params = [ ]; };
    riscv64 = { qemu = "qemu-system-riscv64"; machine = "virt"; cpu = ""; console = "ttyS0"; params = [ ]; };
  };
  cpu = platform.parsed.cpu.name;
  machine = machines.${cpu} or (throw "makeVm: no QEMU machine is known for ${cpu}");
in
stdenvNoCC.mkDerivation ({
  name = "${name}-vm";
  preferLocalBuild = true;
  inherit toplevel image cores;
  hostName = name;
  memory = memorySize;
  inherit (machine) qemu machine cpu console;
  params = lib.concatStringsSep " " ([ "console=${machine.console}" "panic=-1" ] ++ machine.params ++ kernelParams);
  qemuOptions = lib.concatStringsSep " " qemuOptions;
  buildCommand = ''
    mkdir -p $out/bin
    ln -s $toplevel $out/system
    script=$out/bin/run-$hostName-vm
    {
      head -n 3 ${./guest/run-vm.sh}
      for variable in toplevel image hostName memory cores qemu machine cpu console params qemuOptions; do
        printf 'vm_%s=%q\n' "$variable" "''${!variable}"
      done
      tail -n +4 ${./guest/run-vm.sh}
    } > $script
    chmod +x $script
  '';
  meta = { description = "A virtual machine of ${name}"; mainProgram = "run-${name}-vm"; };
  passthru = { inherit image; } // passthru;
})
