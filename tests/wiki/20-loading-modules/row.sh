# SPDX-License-Identifier: GPL-2.0-or-later
# what: modprobe, modprobe -r; modules of stage 1 and of stage 2
must "modprobe" guest video /dev/video0
must "modprobe -r" guest video-gone '^0$'
must "boot.kernelModules: in stage 2" guest stage2 'dm.writeboost'
must "boot.initrd.kernelModules: in stage 1" guest stage1 'dummy'
must "boot.initrd.availableKernelModules: in stage 1, where there is the hardware" guest stage1 'virtio_blk'
must "not where there is none" not guest loaded '(^| )nbd( |$)'
must "all that was asked for is loaded" guest loaded 'dm_writeboost.*'
misspelt='{ pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_debian_bin; boot.kernelModules = [ "looop" "loop.ko" "loop dummy" ]; }'
must "misspelt modules are warned of" ours nix-build "$nixpkgs/nixos" --arg configuration "$misspelt" -A system --no-out-link
cp must.log warned
must "with a name that is near" says warned "no module 'looop'; did you mean: loop\?"
must "without .ko" says warned "names of modules go without .ko: 'loop'"
must "one text a module" says warned '\[ "loop" "dummy" \]'
