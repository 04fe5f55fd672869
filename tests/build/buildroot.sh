#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds and shells in a build root: what they see is the root's and nothing of the host's, and what is no build root is refused.
# The root is a small one out of the host's shell and what it links, with a file `mark` that only it has.
set -u
export LC_ALL=C # the small root has no other locale
. "$(dirname "$0")/lib.sh"
PATH=$KERNIX_BUILD/bin:$PATH
new_store buildroot
base=$work/base
mkdir -p "$base/usr/bin" "$base/usr/share"
for tool in bash cat ls touch; do
  cp "$(readlink -f "$(type -P "$tool")")" "$base/usr/bin/$tool"
  ldd "$base/usr/bin/$tool" | grep -oE '/[^ ]+'
done | cat - <(ldd "$KERNIX_BUILD/kernix" | grep -oE '/[^ ]+') | sort -u | while read -r lib; do
  mkdir -p "$base/usr/$(dirname "${lib#/usr}")"
  cp -L "$lib" "$base/usr/${lib#/usr}"
done
ln -s bash "$base/usr/bin/sh"
for link in "$base"/usr/*; do [ "${link##*/}" = share ] || ln -s "usr/${link##*/}" "$base/${link##*/}"; done
echo the root >"$base/usr/share/mark"
cp -a "$base" "$work/evil"
ln -s /etc "$work/evil/etc"
cp -a "$base" "$work/deep"
mkdir "$work/deep/etc" && ln -s /root "$work/deep/etc/alternatives"
mkdir -p "$work/empty/sub" "$work/nobin/usr"
cat >"$work/cases.nix" <<EOF
let
  root = path: builtins.path { name = "root"; inherit path; };
  drv = attrs: derivation ({
    name = "in-a-root"; system = builtins.currentSystem; builder = "/bin/bash"; PATH = "/usr/bin"; buildRoot = root $base;
    args = [ "-c" "{ echo /*; ls /usr /usr/bin /etc; cat /usr/share/mark; } > \$out" ];
  } // attrs);
in {
  sees = drv { };
  by-path = drv { builder = "\${root $base}/bin/bash"; };
  structured = drv { __structuredAttrs = true; args = [ "-c" "source .attrs.sh; cat /usr/share/mark > \\\${outputs[out]}" ]; builder = "/usr/bin/bash"; PATH = "/bin"; };
  fixed = drv { outputHashMode = "flat"; outputHashAlgo = "sha256"; outputHash = builtins.hashString "sha256" "the root\n"; args = [ "-c" "cat /usr/share/mark > \$out" ]; };
  stranger = drv { buildRoot = builtins.unsafeDiscardStringContext "\${root $base}"; };
  outside = drv { buildRoot = "/usr"; };
  empty = drv { buildRoot = root $work/empty; };
  nobin = drv { buildRoot = root $work/nobin; };
  file = drv { buildRoot = builtins.toFile "file" "text"; };
  evil = drv { buildRoot = root $work/evil; };
  deep = drv { buildRoot = root $work/deep; };
}
EOF
chmod 755 "$root"
make() { nix-build "$work/cases.nix" --no-out-link -A "$1" 2>"$work/err"; }
refused() { # ATTR TEXT
  make "$1" >/dev/null && bad "$1 was built" && return
  has "$1" "$(errors)" "$2"
}

out=$(make sees)
seen=$(cat "$root$out" 2>/dev/null)
has "the root's files" "$seen" "the root"
same "its programs alone" "bash cat ls sh touch" "$(sed -n '/^\/usr\/bin:/,/^$/p' <<<"$seen" | sed 1d | grep -v '^the root' | xargs)"
same "nothing of the host's /etc" "group hosts nsswitch.conf passwd" "$(sed -n '/^\/etc:/,/^$/p' <<<"$seen" | sed 1d | grep -v '^the root' | xargs)"
same "its top" "$(cd "$base" && ls -d -- * | sed 's,^,/,' | sort | xargs)" \
  "$(head -n 1 <<<"$seen" | tr ' ' '\n' | grep -vE '^/(build|dev|etc|nix|proc|tmp)$' | sort | xargs)"
check "a builder by its store path" make by-path >/dev/null
out=$(make structured)
same "named by structured attributes" "the root" "$(cat "$root$out" 2>&1)"
check "with the network, too" make fixed >/dev/null

refused stranger "is none of its inputs"
refused outside "names '/usr', which is no store path"
refused empty "is not a build root: it has no folder 'usr'"
refused nobin "is not a build root: it has no 'bin'"
refused file "is not a build root: it is no folder"
refused evil "is not a build root: its 'etc' is no folder"
refused deep "is not a build root: its 'etc/alternatives' is no folder"
check "nothing is left" leftovers

# Shells: the root's tools, the user's own files. The words are one line, run by the root's bash.
echo mine >"$HOME/file"
shell() { nix-shell "$work/cases.nix" -A sees "$@" 2>&1; }
same "a shell has the root's tools" "the root mine bash cat ls sh touch" \
  "$(shell --run 'cat /usr/share/mark ~/file; ls /usr/bin' | xargs)"
same "a pure shell, too" "the root mine bash cat ls sh touch" \
  "$(shell --pure --run 'cat /usr/share/mark ~/file; ls /usr/bin' | xargs)"
has "nobody writes into the root" "$(shell --run 'touch /usr/share/new')" "Read-only"
same "the working directory stays" "$work" "$(cd "$work" && shell --run 'pwd')"
same "what the shell makes is the user's" mine "$(shell --run 'cat ~/file > /tmp/../'"$work"'/made' >/dev/null; cat "$work/made")"
[ ! -d /usr/src ] || same "kernel trees of the host stay" "$(ls /usr/src | xargs)" "$(shell --run 'ls /usr/src' | xargs)"
has "a shell in what is no root" "$(nix-shell "$work/cases.nix" -A empty --run true 2>&1)" "is not a build root"
# nix-build in a shell of a private store waited for ever for a user that it had taken itself.
inner="derivation { name = \"inner\"; system = builtins.currentSystem; builder = \"/bin/bash\"; args = [ \"-c\" \"echo >\$out\" ]; buildRoot = builtins.path { name = \"root\"; path = $base; }; }"
has "a build in a shell" "$(timeout 30 nix-shell "$work/cases.nix" -A sees --run "nix-build --no-out-link -E '$inner' >/dev/null && echo whole" 2>&1)" whole
if [ "$(id -u)" = 0 ]; then
  chmod 755 "$work" "$root"
  same "an ordinary user's shell" "the root" "$(NIX_REMOTE="local?root=$root" HOME=/nonexistent setpriv --reuid 65534 --regid 65534 --clear-groups \
    env TMPDIR=/tmp nix-shell "$(nix-instantiate "$work/cases.nix" -A sees 2>/dev/null)" --run 'cat /usr/share/mark' 2>&1)"
fi
[ "$failed" = 0 ]
