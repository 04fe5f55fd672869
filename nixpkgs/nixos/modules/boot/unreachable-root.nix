# SPDX-License-Identifier: GPL-2.0-or-later
# File systems that stage 1 cannot reach (kernix.cannotStart): ZFS, and those of a network but for NFS. Each says which mount point, why, and what to do.
{ lib, bootMounts }:
let
  advice = "Keep starting the distribution's own kernel on this machine, and try this one with `kernix vm`; or move the file system to another one, and name that in fileSystems";
in
map (fs: "fileSystems.\"${fs.mountPoint}\" is a ZFS pool, which stage 1 does not import: this generation cannot be started from it. ${advice}.")
  (builtins.filter (fs: fs.fsType == "zfs") bootMounts)
++ map (fs: "fileSystems.\"${fs.mountPoint}\" is ${fs.fsType}, a file system of a network, of which stage 1 mounts NFS only: this generation cannot be started from it. ${advice}.")
  (builtins.filter (fs: !builtins.elem "nofail" fs.options && (builtins.elem fs.fsType [ "cifs" "smb3" "smbfs" "ceph" "glusterfs" "davfs" "afs" "sshfs" "orangefs" "lustre" "beegfs" "s3fs" ] || lib.hasPrefix "fuse" fs.fsType)) bootMounts)
