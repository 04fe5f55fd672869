# SPDX-License-Identifier: GPL-2.0-or-later
# Tools that the host has: each is a package of links, built once, that fails with the name of the Debian package to
# install where the host lacks it. A new one is a row: attribute = tool "Debian package" [ programs ] [ other files ].
{ lib, pkgs }:
let
  inherit (pkgs) stdenvNoCC;
  tool' = pname: debian: programs: files: let isHostOnly = stdenvNoCC.buildRoot != null && !pkgs.pinnedTools.has debian; host = stdenvNoCC.mkDerivation {
    name = "host-${pname}";
    buildRoot = if isHostOnly then null else stdenvNoCC.buildRoot;
    inherit programs files debian;
    preferLocalBuild = true;
    buildCommand = ''
      mkdir -p $out/bin
      missing=
      for program in $programs; do
        found=
        for folder in /usr/bin /usr/sbin /bin /sbin; do
          if [ -x "$folder/$program" ]; then found=$folder/$program; break; fi
        done
        if [ -n "$found" ]; then ln -s "$found" "$out/bin/$program"; else missing="$missing $program"; fi
      done
      for file in $files; do
        [ -e "$file" ] || missing="$missing $file"
      done
      if [ -n "$missing" ]; then
        echo "error: this machine does not have:$missing (on Debian: apt-get install $debian)" >&2
        exit 1
      fi
    '';
    # What it is built with is the distribution's choice: arguments that nixpkgs' package takes change nothing.
    passthru = { inherit pname isHostOnly; version = "host"; override = _: host; } // lib.genAttrs [ "dev" "bin" "lib" "man" "doc" "static" "debug" ] (_: host);
    meta = { description = "${pname} of the host"; mainProgram = if programs == [ ] then pname else builtins.head programs; };
  }; in host;
  rows = import ./more-tools.nix // {
    bash = [ "bash" [ "bash" "sh" ] ];
    bc = [ "bc" [ "bc" ] ];
    bison = [ "bison" [ "bison" ] ];
    flex = [ "flex" [ "flex" ] ];
    perl = [ "perl" [ "perl" ] ];
    python3 = [ "python3" [ "python3" ] ];
    gnumake = [ "make" [ "make" ] ];
    kmod = [ "kmod" [ "depmod" "modprobe" "insmod" "rmmod" "lsmod" "modinfo" ] ];
    cpio = [ "cpio" [ "cpio" ] ];
    coreutils = [ "coreutils" [ "cat" "chmod" "cp" "cut" "date" "dd" "dirname" "echo" "env" "expr" "false" "head" "id" "install" "ln" "ls" "mkdir" "mktemp" "mv" "nproc" "od" "printf" "pwd" "readlink" "realpath" "rm" "rmdir" "seq" "sha256sum" "sleep" "sort" "stat" "sync" "tail" "tee" "test" "touch" "tr" "true" "truncate" "uname" "uniq" "wc" ] ];
    findutils = [ "findutils" [ "find" "xargs" ] ];
    diffutils = [ "diffutils" [ "cmp" "diff" "diff3" "sdiff" ] ];
    gnugrep = [ "grep" [ "grep" ] ];
    gnused = [ "sed" [ "sed" ] ];
    gnutar = [ "tar" [ "tar" ] ];
    gawk = [ "gawk" [ "awk" ] ];
    gzip = [ "gzip" [ "gzip" "gunzip" ] ];
    bzip2 = [ "bzip2" [ "bzip2" ] ];
    xz = [ "xz-utils" [ "xz" ] ];
    zstd = [ "zstd" [ "zstd" ] ];
    lz4 = [ "lz4" [ "lz4" ] ];
    patch = [ "patch" [ "patch" ] ];
    git = [ "git" [ "git" ] ];
    curl = [ "curl" [ "curl" ] ];
    wget = [ "wget" [ "wget" ] ];
    rsync = [ "rsync" [ "rsync" ] ];
    hostname = [ "hostname" [ "hostname" ] ];
    dpkg = [ "dpkg" [ "dpkg-deb" ] ];
    pahole = [ "pahole" [ "pahole" ] ];
    e2fsprogs = [ "e2fsprogs" [ "mke2fs" "resize2fs" "tune2fs" ] ];
    util-linux = [ "util-linux" [ "mount" "umount" "losetup" "lsblk" ] ];
    systemd = [ "systemd" [ "systemctl" ] ];
    dtc = [ "device-tree-compiler" [ "dtc" "fdtoverlay" "fdtget" "fdtput" "fdtdump" ] ];
    ubootTools = [ "u-boot-tools" [ "mkimage" ] ];
    gdb = [ "gdb" [ "gdb" ] ];
    autoconf = [ "autoconf" [ "autoconf" "autoreconf" ] ];
    automake = [ "automake" [ "automake" "aclocal" ] ];
    libtool = [ "libtool-bin" [ "libtool" "libtoolize" ] ];
    gettext = [ "gettext" [ "msgfmt" ] ];
    ccache = [ "ccache" [ "ccache" ] ];
    sparse = [ "sparse" [ "sparse" ] ];
    smatch = [ "smatch" [ "smatch" ] ];
    coccinelle = [ "coccinelle" [ "spatch" ] ];
    cscope = [ "cscope" [ "cscope" ] ];
    universal-ctags = [ "universal-ctags" [ "ctags" ] ];
    ctags = [ "universal-ctags" [ "ctags" ] ];
    global = [ "global" [ "global" "gtags" ] ];
    clang-tools = [ "clang-format clang-tidy clangd" [ "clang-format" ] ];
    b4 = [ "b4" [ "b4" ] ];
    swig = [ "swig" [ "swig" ] ];
    debootstrap = [ "debootstrap" [ "debootstrap" ] ];
    bear = [ "bear" [ "bear" ] ];
    codespell = [ "codespell" [ "codespell" ] ];
    trace-cmd = [ "trace-cmd" [ "trace-cmd" ] ];
    rustc = [ "rustc" [ "rustc" ] ];
    rust-bindgen = [ "bindgen" [ "bindgen" ] ];
    strace = [ "strace" [ "strace" ] ];
    vim = [ "vim" [ "vim" ] ];
    less = [ "less" [ "less" ] ];
    file = [ "file" [ "file" ] ];
    which = [ "debianutils" [ "which" ] ];
    jq = [ "jq" [ "jq" ] ];
    unzip = [ "unzip" [ "unzip" ] ];
    procps = [ "procps" [ "ps" "sysctl" "free" ] ];
    iproute2 = [ "iproute2" [ "ip" ] ];
    pciutils = [ "pciutils" [ "lspci" ] ];
    usbutils = [ "usbutils" [ "lsusb" ] ];
    ethtool = [ "ethtool" [ "ethtool" ] ];
    qemu = [ "qemu-system-x86" [ "qemu-system-x86_64" ] ];
    qemu_kvm = [ "qemu-system-x86" [ "qemu-system-x86_64" ] ];
    squashfsTools = [ "squashfs-tools" [ "mksquashfs" "unsquashfs" ] ];
    perf = [ "linux-perf" [ "perf" ] ];
    cpupower = [ "linux-cpupower" [ "cpupower" ] ];
    turbostat = [ "linux-cpupower" [ "turbostat" ] ];
    x86_energy_perf_policy = [ "linux-cpupower" [ "x86_energy_perf_policy" ] ];
    usbip = [ "usbip" [ "usbip" "usbipd" ] ];
    bpftrace = [ "bpftrace" [ "bpftrace" ] ];
    bpftools = [ "bpftool" [ "bpftool" ] ];
    crash = [ "crash" [ "crash" ] ];
    kexec-tools = [ "kexec-tools" [ "kexec" ] ];
    tmux = [ "tmux" [ "tmux" ] ];
    zfs = [ "zfsutils-linux" [ "zfs" "zpool" ] ];
    # Libraries that the kernel's own host programs are compiled against.
    elfutils = [ "libelf-dev" [ ] [ "/usr/include/libelf.h" ] ];
    libelf = [ "libelf-dev" [ ] [ "/usr/include/libelf.h" ] ];
    openssl = [ "libssl-dev" [ "openssl" ] [ "/usr/include/openssl/ssl.h" ] ];
    zlib = [ "zlib1g-dev" [ ] [ "/usr/include/zlib.h" ] ];
    libcap = [ "libcap-dev" [ ] [ "/usr/include/sys/capability.h" ] ];
    slang = [ "libslang2-dev" [ ] [ "/usr/include/slang.h" ] ];
  };
  rustLibSrc = tool' "rust-src" "rust-src" [ ] [ "/usr/lib/rustlib/src/rust/library" ];
  # ZFS's programs are the host's; a package of them names the modules that go with it, and the newest kernel that these are for.
  # zfs.override { configFile = "kernel"; kernel = ...; } is nixpkgs' way to the modules.
  zfs = attribute: lib.makeOverridable ({ configFile ? "all", kernel ? null, ... }@args:
    if configFile == "kernel" && kernel != null then (pkgs.linuxPackagesFor kernel).${attribute}.override (removeAttrs args [ "configFile" "kernel" ])
    else removeAttrs (tools.zfs.overrideAttrs (old: { passthru = removeAttrs old.passthru [ "override" ] // {
      kernelModuleAttribute = attribute;
      # What was said of the modules, for the one who builds them.
      moduleOverrides = removeAttrs args [ "configFile" "kernel" ];
      latestCompatibleLinuxPackages = lib.foldl' (best: set: if lib.versionOlder best.kernel.version set.kernel.version then set else best) pkgs.linuxPackages
        (builtins.filter (set: !(set.${attribute}.meta.broken or false)) (builtins.attrValues (removeAttrs pkgs.linuxKernel.vanillaPackages [ "linux_testing" ])));
    }; })) [ ]) { };
  build = name: row: tool' name (builtins.head row) (builtins.elemAt row 1) (if builtins.length row > 2 then builtins.elemAt row 2 else [ ]);
  tools = builtins.mapAttrs build rows;
  shellTool = name: row:
    let words = builtins.match "([^ ]+) (.*)" row; needed = [ (builtins.elemAt words 1) ];
    in if lib.hasPrefix "/" (builtins.head needed) then tool' name (builtins.head words) [ ] needed else tool' name (builtins.head words) needed [ ];
  shellTools = builtins.mapAttrs (name: row: shellTool name row // { isShellTool = true; }) (import ./shell-tools.nix);
  python = import ./host-python.nix { inherit lib stdenvNoCC; inherit (tools) python3; };
in
shellTools // tools // {
  bashInteractive = tools.bash;
  runtimeShell = "/bin/bash";
  gnupatch = tools.patch;
  perlPackages = { };
  python3 = python.interpreter;
  python = python.interpreter;
  python3Minimal = python.interpreter;
  python3Full = python.interpreter;
  python3Packages = python.packages;
  pythonPackages = python.packages;
  unixtools = lib.genAttrs [ "xxd" "hexdump" "column" "ping" "ps" "top" "watch" "script" "more" "netstat" "route" "arp" "ifconfig" "fdisk" "mount" "fsck" "getopt" ] (name: tools.${name} or tools.util-linux);
  gitMinimal = tools.git;
  gitFull = tools.git;
  curlFull = tools.curl;
  curlMinimal = tools.curl;
  bashNonInteractive = tools.bash;
  pahole-unwrapped = tools.pahole;
  openssl_3 = tools.openssl;
  pkgconf = pkgs.pkg-config;
  autoreconfHook = tools.autoconf;
  libelf_dev = tools.libelf;
  # nuke-refs FILE...: makes store paths in files into ones that name nothing; remove-references-to -t PATH... FILE...
  nukeReferences = pkgs.writeShellScriptBin "nuke-refs" ''
    while [ "''${1-}" = -e ]; do kept="''${kept-} $(basename "$2" | cut -c1-32)"; shift 2; done
    for file in "$@"; do
      [ -f "$file" ] && [ ! -L "$file" ] || continue
      for hash in $(LC_ALL=C grep -aoE '/nix/store/[0-9a-z]{32}-' "$file" | cut -c12-43 | sort -u); do
        case " ''${kept-} " in *" $hash "*) ;; *) LC_ALL=C sed -i "s|/nix/store/$hash-|/nix/store/eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee-|g" "$file" ;; esac
      done
    done
  '';
  removeReferencesTo = pkgs.writeShellScriptBin "remove-references-to" ''
    hashes=
    while [ "''${1-}" = -t ]; do hashes="$hashes $(basename "$2" | cut -c1-32)"; shift 2; done
    for file in "$@"; do
      for hash in $hashes; do LC_ALL=C sed -i "s|/nix/store/$hash-|/nix/store/eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee-|g" "$file"; done
    done
  '';
  # It runs udev's own check of rules where that is there.
  udevCheckHook = tools.coreutils;
  # For kernel modules in Rust. Programs of crates are not built here.
  rustPlatform = {
    inherit rustLibSrc;
    rustcSrc = rustLibSrc;
    bindgenHook = tools.rust-bindgen;
    rust = { inherit (tools) rustc cargo; };
    cargoSetupHook = tools.cargo;
    cargoBuildHook = tools.cargo;
    cargoInstallHook = tools.cargo;
    buildRustPackage = _: throw "rustPlatform.buildRustPackage: kernix builds kernels and their modules, no programs in Rust; build it with cargo, or install the distribution's package";
  } // lib.genAttrs [ "importCargoLock" "fetchCargoVendor" "fetchCargoTarball" ] (name: _: throw "rustPlatform.${name}: kernix fetches no crates; a kernel module in Rust has none");
  makeRustPlatform = _: pkgs.rustPlatform;
  rustPackages = { inherit (tools) rustc cargo clippy rustfmt; inherit (pkgs) rustPlatform; };
  rust-bindgen-unwrapped = tools.rust-bindgen;
  getopt = tools.util-linux;
  udev = tools.systemd;
  systemdMinimal = tools.systemd;
  zfsStable = zfs "zfs";
  utillinux = tools.util-linux;
  dwarves = tools.pahole;
  zfs = zfs "zfs";
  zfs_2_3 = zfs "zfs_2_3";
  zfs_2_4 = zfs "zfs_2_4";
  zfs_unstable = zfs "zfs_unstable";
  zfsUnstable = zfs "zfs_unstable";
}
