# SPDX-License-Identifier: GPL-2.0-or-later
# A virtual camera.
# kind: configuration
{ config, pkgs, ... }: { boot.extraModulePackages = with config.boot.kernelPackages; [ v4l2loopback ]; boot.extraModprobeConfig = ''
 options v4l2loopback devices=1 video_nr=1 card_label="OBS Cam" exclusive_caps=1
''; security.polkit.enable = true; programs.obs-studio = { enable = true; enableVirtualCamera = true; }; }
