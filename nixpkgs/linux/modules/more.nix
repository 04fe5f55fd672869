# SPDX-License-Identifier: GPL-2.0-or-later
# Further modules, whose sources kbuild makes as they are. A new one is a row: where its source is, and a subfolder or kernel
# versions where these matter. Names that people know from nixpkgs and that are nowhere here: unpackaged.nix.
{ lib, pkgs, mkKernelModule, buildIn }:
let
  rows = {
    ena = { version = "2.17.0"; owner = "amzn"; repo = "amzn-drivers"; rev = "ena_linux_2.17.0"; hash = "sha256-Yt8fF73lN5+wKEMtiSFToJMLv63EkfZI/WJfC9ae8H8="; folder = "/kernel/linux/ena"; minKernel = "4.5"; description = "Amazon's network adapters"; };
    facetimehd = { version = "0.6.8.1"; owner = "patjak"; repo = "facetimehd"; rev = "0.6.8.1"; hash = "sha256-h5Erga2hlDIWdDKQbkmkLY1aNCibFM7SVSnxVcoToaM="; description = "FaceTime HD cameras"; };
    framework-laptop-kmod = { version = "0-unstable-2024-09-15"; owner = "DHowett"; repo = "framework-laptop-kmod"; rev = "6164bc3dec24b6bb2806eedd269df6a170bcc930"; hash = "sha256-OwtXQR0H4GNlYjVZ5UU5MEM6ZOjlV3B0x2auYawbS2U="; minKernel = "6.1"; description = "Charge limit and lights of Framework laptops"; };
    it87 = { version = "unstable-2022-02-26"; owner = "frankcrawford"; repo = "it87"; rev = "c93d61adadecb009c92f3258cd3ff14a66efb193"; hash = "sha256-wVhs//iwZUUGRTk1DpV/SnA7NZ7cFyYbsUbtazlxb6Q="; description = "Sensors of IT87xx chips"; };
    mba6x_bl = { version = "unstable-2017-12-30"; owner = "patjak"; repo = "mba6x_bl"; rev = "639719f516b664051929c2c0c1140ea4bf30ce81"; hash = "sha256-QwxBpNa5FitKO+2ne54IIcRgwVYeNSQWI4f2hPPB8ls="; description = "Backlight of the MacBook Air 6"; };
    nct6687d = { version = "0-unstable-2026-03-13"; owner = "Fred78290"; repo = "nct6687d"; rev = "cedda8bff09a4083e07414fb80fdc3901e7ab544"; hash = "sha256-+9gGpr004hKvvQeadTOwFe4gZvmx5bO1jWmlmt4NfSo="; description = "Sensors of NCT6687-R chips"; };
    rtl8192eu = { version = "4.4.1.20250504"; owner = "Mange"; repo = "rtl8192eu-linux-driver"; rev = "27aa922c298f2be240eec6c2e8636fe865ece195"; hash = "sha256-1Kz/GgsHsEgrp+1x2rLpJpo98Ur16aWf9CV0gcYmp0Q="; maxKernel = "6.17"; description = "Realtek RTL8192EU wireless"; };
    rtl8821ce = { version = "unstable-2025-02-08"; owner = "tomaspinho"; repo = "rtl8821ce"; rev = "46d1a59e37364ed4aedcb09746f0ae412e6b2066"; hash = "sha256-vQM7e8tuy4Lf2HvGtHUvOxulF4DIhX33vFel9u9i178="; description = "Realtek RTL8821CE wireless"; };
    rtw88 = { version = "0-unstable-2025-11-30"; owner = "lwfinger"; repo = "rtw88"; rev = "3309c45c283cbd996e1e05eeddf90c4fa589b90b"; hash = "sha256-AtDAzguL71hvgh/xvbBKWmza05n2D5Q+W3YkHQXdup8="; description = "Realtek 802.11ac wireless"; };
    ryzen-smu = { version = "0.1.5-unstable-2024-01-03"; owner = "Cryolitia"; repo = "ryzen_smu"; rev = "ce1aa918efa33ca79998f0f7d467c04d4b07016c"; hash = "sha256-s9SSmbL6ixWqZUKEhrZdxN4xoWgk+8ClZPoKq2FDAAE="; description = "The management unit of Ryzen processors"; };
    universal-pidff = { version = "0.0.8"; owner = "JacKeTUs"; repo = "universal-pidff"; rev = "refs/tags/0.0.8"; hash = "sha256-DptLqyjfRCpkbyFAQI8sylyKu2XyZZGrSITva9vcXGQ="; description = "Force feedback of steering wheels"; };
    vendor-reset = { version = "unstable-2021-02-16"; owner = "gnif"; repo = "vendor-reset"; rev = "225a49a40941e350899e456366265cf82b87ad25"; hash = "sha256-xa7P7+mRk4FVgi+YYCcsFLfyNqPmXvy3xhGoTDVqPxw="; minKernel = "4.19"; description = "Resets of AMD graphics cards"; };
    xone = { version = "0.5.7"; owner = "dlundqvist"; repo = "xone"; rev = "refs/tags/v0.5.7"; hash = "sha256-9bflLH4lPGM7Ziv6w0+HC56jMU0IchL/9udbIqTIMd8="; minKernel = "6.5"; description = "Xbox accessories"; };
    zenpower = { version = "unstable-2022-04-13"; owner = "Ta180m"; repo = "zenpower3"; rev = "c36a86c64b802e9b90b5166caee6a8e8eddaeb56"; hash = "sha256:1i9ap7xgab421f3c68mcmad25xs4h8pfz0g0f9yzg7hxpmb0npxi"; description = "Sensors of Zen processors"; };
  };
  build = pname: row: mkKernelModule ({
    inherit pname;
    inherit (row) version;
    src = pkgs.fetchFromGitHub { inherit (row) owner repo rev hash; };
    nativeBuildInputs = [ pkgs.buildPackages.bc ];
    buildPhase = buildIn (row.folder or "");
    meta = { inherit (row) description; homepage = "https://github.com/${row.owner}/${row.repo}"; };
  } // builtins.intersectAttrs { minKernel = 0; maxKernel = 0; } row);
in
builtins.mapAttrs build rows
