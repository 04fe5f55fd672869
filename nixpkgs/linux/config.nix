# SPDX-License-Identifier: GPL-2.0-or-later
# makeKernelConfig: the .config of a kernel, as a derivation of its own whose output is that file.
#
# Contract with the builder `builtin:kconfig` (format version 1), all in the environment:
#   src            the source tree                       arch            ARCH as given to make
#   base           defconfig, allnoconfig, NAME_defconfig, ... or the path of a .config
#   requests       JSON list, applied in order, of { name, value, optional, kind, why }:
#                  kind "tristate" (value y, m, n), "freeform" (any text) or "unset" (value null); `why` says who asked.
#                  It names no file and line: a moved line in configuration.nix must not build the kernel again;
#                  positions are in the kernel's attribute requestPositions.
#   autoModules    "1": what nobody asked for becomes m where it can; preferBuiltin "1": y before m for the defaults
#   ignoreConfigErrors   "1": requests that cannot hold are warnings
#   trim           JSON: what the machines have and what is declared; other modules become n (src/kconfig/trim.h has its form)
#   finished       "1": base is the .config as it is; it is only looked at in that tree
#   CC, LD, AR, NM, OBJCOPY, ..., HOSTCC, CROSS_COMPILE, LLVM, toolPath (folders before the host's PATH), toolchain
#   buildRoot      the build root whose tools are asked, in place of the host's
{ lib, stdenv }:
{ version, tree, arch, base, requests, autoModules, preferBuiltin, ignoreConfigErrors, tools, toolPath ? "", toolchain, buildRoot ? null, finished ? false, trim ? null }:
let
  flag = value: if value then "1" else "";

  # The .config as packages are: overrideAttrs changes the builder's environment; programs that are added are found by
  # the tree's tests of the toolchain.
  package = attrs:
    let
      added = attrs.nativeBuildInputs or [ ];
      environment = removeAttrs attrs [ "nativeBuildInputs" "passthru" "meta" ] // lib.optionalAttrs (added != [ ]) {
        toolPath = lib.concatStringsSep ":" (map (tool: "${tool}/bin") added ++ lib.optional (attrs.toolPath != "") attrs.toolPath);
      };
    in
    derivation environment // {
      inherit version autoModules preferBuiltin ignoreConfigErrors;
      kernelArch = arch;
      nativeBuildInputs = added;
      passthru = attrs.passthru or { };
      meta = attrs.meta or { };
      overrideAttrs = change: package (attrs // (if builtins.isFunction change then change ({ passthru = { }; } // attrs) else change));
    } // (attrs.passthru or { });
in
package (tools // lib.optionalAttrs finished { finished = "1"; } // lib.optionalAttrs (trim != null) { trim = builtins.toJSON trim; } // lib.optionalAttrs (buildRoot != null) { inherit buildRoot; } // {
  name = "linux-config-${version}";
  builder = "builtin:kconfig";
  inherit (stdenv.buildPlatform) system;
  src = tree;
  inherit arch base toolPath toolchain;
  requests = builtins.toJSON requests;
  autoModules = flag autoModules;
  preferBuiltin = flag preferBuiltin;
  ignoreConfigErrors = flag ignoreConfigErrors;
  formatVersion = "1";
})
