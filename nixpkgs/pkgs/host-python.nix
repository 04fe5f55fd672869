# SPDX-License-Identifier: GPL-2.0-or-later
# The host's Python: the interpreter with `withPackages`, and libraries as packages of their own, each checked by importing
# it. A new library is a row: attribute = module that is imported, or { module, debian }.
{ lib, stdenvNoCC, python3 }:
let
  rows = {
    ply = "ply"; pyelftools = "elftools"; gitpython = { module = "git"; debian = "python3-git"; }; GitPython = { module = "git"; debian = "python3-git"; }; pyyaml = { module = "yaml"; debian = "python3-yaml"; };
    jinja2 = "jinja2"; requests = "requests"; tqdm = "tqdm"; numpy = "numpy"; matplotlib = "matplotlib"; setuptools = "setuptools"; pip = "pip";
    virtualenv = "virtualenv"; wheel = "wheel"; jsonschema = "jsonschema"; lxml = "lxml"; pexpect = "pexpect"; pyserial = { module = "serial"; debian = "python3-serial"; };
    sphinx = "sphinx"; sphinx-rtd-theme = { module = "sphinx_rtd_theme"; debian = "python3-sphinx-rtd-theme"; }; docutils = "docutils";
    dateutil = "dateutil"; python-dateutil = "dateutil"; pytest = "pytest"; pyusb = { module = "usb"; debian = "python3-usb"; }; cffi = "cffi";
    pycparser = "pycparser"; cryptography = "cryptography"; psutil = "psutil"; termcolor = "termcolor"; toml = "toml"; capstone = "capstone";
    dt-schema = { module = "dtschema"; debian = "dt-schema"; }; libfdt = { module = "libfdt"; debian = "python3-libfdt"; }; kconfiglib = "kconfiglib";
    argcomplete = "argcomplete"; pandas = "pandas"; west = "west"; distutils = "distutils"; distlib = "distlib"; pyparsing = "pyparsing"; six = "six";
  };
  library = name: row:
    let module = row.module or row; debian = row.debian or "python3-${module}";
    in stdenvNoCC.mkDerivation {
      name = "host-python3-${name}";
      inherit module debian;
      preferLocalBuild = true;
      buildCommand = ''
        if ! python3 -c "import $module"; then
          echo "error: this machine's Python has no module '$module' (on Debian: apt-get install $debian)" >&2
          exit 1
        fi
        mkdir -p $out
      '';
      passthru = { pname = name; version = "host"; };
    };
  libraries = builtins.mapAttrs library rows // { python = interpreter; };

  withPackages = choose:
    let chosen = choose libraries;
    in stdenvNoCC.mkDerivation {
      name = "host-python3-env";
      # Only that they are there: the host's interpreter finds them by itself.
      inherit chosen;
      preferLocalBuild = true;
      buildCommand = ''
        mkdir -p $out/bin
        ln -s ${python3}/bin/python3 $out/bin/python3
        ln -s python3 $out/bin/python
      '';
      passthru = { inherit interpreter; pkgs = libraries; };
    };
  interpreter = python3 // {
    inherit withPackages;
    pkgs = libraries;
    interpreter = "${python3}/bin/python3";
    executable = "python3";
    libPrefix = "python3";
    buildEnv.override = { extraLibs ? [ ], ... }: withPackages (_: extraLibs);
  };
in
{ inherit interpreter; packages = libraries; }
