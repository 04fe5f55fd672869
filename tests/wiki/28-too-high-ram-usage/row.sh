# SPDX-License-Identifier: GPL-2.0-or-later
# what: a build that is killed for memory or fails in pahole says so and names DEBUG_INFO_BTF
advice="DEBUG_INFO_BTF = lib.mkForce lib.kernel.no;"
# A compiler that is killed at the first file of the kernel, as it is where memory ends.
killed='with import <nixpkgs> { };
let cc = writeShellScript "cc" "case \" $* \" in *bounds.c*) kill -9 $$ ;; esac; exec gcc \"$@\"";
in linux_debian.override ((import '"$here"'/small-kernel.nix { inherit lib; }) // { extraMakeFlags = [ "CC=${cc}" ]; })'
limit=600 must "a kernel whose compiler is killed" fails 'Killed|Error 137' ours nix-build --no-out-link -E "$killed"
must "is said to want memory" says fails.log 'ran out of memory|was killed or got no memory|killed a process for want of memory'
must "with what helps" says fails.log "$advice"
must "fewer jobs too" says fails.log '\-\-cores'
pahole='with import <nixpkgs> { };
let pahole = writeShellScript "pahole" "echo pahole: out of memory >&2; exit 1";
in linuxPackages_debian_bin.hello.overrideAttrs (o: { buildPhase = builtins.replaceStrings [ " modules\n" ] [ " PAHOLE=${pahole} modules\n" ] o.buildPhase; })'
must "pahole that fails" fails 'pahole: out of memory' ours nix-build --no-out-link -E "$pahole"
must "is the option's" says fails.log "$advice"
shot='derivation { name = "linux-6.12"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "kill -9 $$" ]; }'
must "a builder that is killed itself" fails 'failed due to signal 9' ours nix-build --no-out-link -E "$shot"
must "also" says fails.log "$advice"
wrong='derivation { name = "linux-6.12"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo syntax error; exit 1" ]; }'
must "another failure" fails 'syntax error' ours nix-build --no-out-link -E "$wrong"
must "has no such advice" not grep DEBUG_INFO_BTF fails.log
off='with import <nixpkgs> { }; (linux_debian.override { structuredExtraConfig.DEBUG_INFO = lib.kernel.yes; structuredExtraConfig.DEBUG_INFO_BTF = lib.mkForce lib.kernel.no; }).configfile'
must "the advice holds" ours nix-build --no-out-link -E "$off"
must "and the option is off" not grep -E '^CONFIG_DEBUG_INFO_BTF=y' "$store$(tail -n 1 must.log)"
