# SPDX-License-Identifier: GPL-2.0-or-later
# Game controllers.
# kind: configuration
{ hardware.xone.enable = true; hardware.xpadneo.enable = true; hardware.steam-hardware.enable = true; programs.steam = { enable = true; gamescopeSession.enable = true; }; programs.gamemode.enable = true; boot.kernel.sysctl."vm.max_map_count" = 2147483642; services.joycond.enable = true; hardware.new-lg4ff.enable = true; }
