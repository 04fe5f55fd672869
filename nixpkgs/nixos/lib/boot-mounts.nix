# SPDX-License-Identifier: GPL-2.0-or-later
# What stage 1 mounts of fileSystems, and in which order: NixOS's paths, what is neededForBoot, and whatever these need in
# turn: mount points above them, the file system that holds a bound folder or a loop device's file, what `depends` names.
# What the root itself is made of (the layers of its overlay, its image) comes before the root; stage 1 mounts it aside.
{ lib, fileSystems }:
let
  paths = [ "/" "/nix" "/nix/store" "/var" "/var/log" "/var/lib" "/var/lib/nixos" "/etc" "/usr" ];
  all = lib.sort (a: b: a.mountPoint < b.mountPoint) (builtins.attrValues fileSystems);
  isNeeded = fs: fs.neededForBoot || builtins.elem fs.mountPoint paths;

  folder = path: if lib.hasSuffix "/" path then path else path + "/";
  holds = fs: path: lib.hasPrefix (folder fs.mountPoint) (folder path);
  needs = fs: builtins.filter (lib.hasPrefix "/") ([ (toString fs.device) ] ++ fs.depends);
  # Whether a has to be there before b is mounted: because of what b is made of, or of where it is.
  isSource = a: b: a.mountPoint != b.mountPoint && lib.any (holds a) (needs b);
  isParent = a: b: a.mountPoint != b.mountPoint && holds a b.mountPoint;
  closure = before: start: map (item: item.fs) (builtins.genericClosure {
    startSet = map (fs: { key = fs.mountPoint; inherit fs; }) start;
    operator = item: map (fs: { key = fs.mountPoint; inherit fs; }) (builtins.filter (fs: before fs item.fs) all);
  });

  isRoot = fs: fs.mountPoint == "/";
  roots = builtins.filter isRoot all;
  below = builtins.filter (fs: !isRoot fs) (closure (a: b: !isRoot a && (isSource a b || (isParent a b && !isRoot b))) roots);
  isBelow = fs: lib.any (other: other.mountPoint == fs.mountPoint) below;
  before = a: b: isSource a b && !(isRoot a && isBelow b) || isParent a b && !(isRoot a && isBelow b);
  needed = lib.sort (a: b: a.mountPoint < b.mountPoint) (closure before (builtins.filter isNeeded all));
  sorted = lib.toposort before needed;
in
{
  mounts = sorted.result or needed;
  cycle = if sorted ? cycle then "${lib.concatMapStringsSep " -> " (fs: fs.mountPoint) sorted.cycle} -> ${lib.concatMapStringsSep ", " (fs: fs.mountPoint) sorted.loops}" else null;
}
