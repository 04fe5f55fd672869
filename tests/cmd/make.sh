#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make where everything is there: neither network nor apt, quick, a line or two. And tools/deps.sh with an apt of another release.
set -u
cd "$KERNIX_SRC" || exit 1
. tests/cmd/lib.sh
mkdir "$work/fake"
for tool in apt-get apt-cache dpkg-query; do
  printf '#!/bin/sh\necho "%s $*" >>%s/asked\nexit 1\n' "$tool" "$work" >"$work/fake/$tool"
done
chmod 755 "$work"/fake/*
alone() { if [ "$(id -u)" = 0 ]; then unshare -n "$@"; else "$@"; fi; }

start=$(date +%s%N)
check 'make without network and apt' alone make --no-print-directory BUILD="$KERNIX_BUILD" PATH="$work/fake:/usr/sbin:/usr/bin:/sbin:/bin"
took_ms=$((($(date +%s%N) - start) / 1000000))
make --no-print-directory BUILD="$KERNIX_BUILD" >"$work/said" 2>&1
check 'a make that has nothing to do prints a line or two' test "$(wc -l <"$work/said")" -le 2
check "and asks apt nothing" test ! -e "$work/asked"
check "it is quick ($took_ms ms)" test "$took_ms" -lt 10000 # 0.3 s on an idle machine, and this one may be busy
check 'the lock is not asked for by a build' test "$(make -n build 2>&1 | grep -c debian-lock)" = 0
check 'but by make lock, which fails nothing' make --no-print-directory lock PATH="$work/fake:/usr/sbin:/usr/bin:/sbin:/bin"

# --- deps.sh: what is installed and what apt has are files; apt-get says what it is to install ---
fake() { printf '#!/bin/sh\n%s\n' "$2" >"$work/fake/$1" && chmod 755 "$work/fake/$1"; }
fake dpkg-query 'sed "s/^/installed /" '"$work/installed"
# Like apt, which takes a name that it does not have for a pattern.
fake apt-cache '[ "$1" = policy ] || exit 1
grep -x -- "$2" '"$work/has"' >/dev/null && set -- policy "^$2\$"
grep -- "$2" '"$work/has"' | while read -r p; do printf "%s:\n  Installed: (none)\n  Candidate: 1\n" "$p"; done; true'
fake apt-get 'echo "apt-get $*" >>'"$work/asked"
fake id 'echo 0'
deps() { rm -f "$work/asked"; PATH="$work/fake:/usr/bin:/bin" tools/deps.sh "$@" >"$work/said" 2>&1; }
wanted() { sed -n 's/^apt-get .* install --no-install-recommends//p' "$work/asked" 2>/dev/null; }
eval "$(sed -n '/^packages_/{:more;/"$/!{N;b more};p}' tools/deps.sh)"
# shellcheck disable=SC2154 # set by that
echo "$packages_build $packages_test" | tr ' |' '\n\n' | sed 's/^?//; /^$/d' | sort -u >"$work/all"
grep -vx -e libclang-rt-14-dev -e 'linux-source-6.1' "$work/all" >"$work/has"
: >"$work/installed"
deps test
check 'a newer release: the name that it has' eval 'wanted | grep -qw libclang-rt-dev'
check 'not the other one' test "$(wanted | tr ' ' '\n' | grep -cx libclang-rt-14-dev)" = 0
check 'a source that it does not have is not asked for, also where its name is the start of another' test "$(wanted | tr ' ' '\n' | grep -cx 'linux-source-6\.1')" = 0
check 'one that it has is' eval 'wanted | tr " " "\n" | grep -qx "linux-source-6\.12"'
cp "$work/has" "$work/installed"
deps test
check 'all that it has is installed: apt-get is not asked' test ! -e "$work/asked"
check 'and nothing is said' test ! -s "$work/said"
grep -vx -e libclang-rt-dev "$work/all" >"$work/installed"
deps test
check 'the other of two names is as good' test ! -e "$work/asked"
grep -vx -e jq "$work/has" >"$work/installed"
deps demo test
check 'one package is missing: only that one' test "$(wanted)" = ' jq'
fake id 'echo 1000'
expect_fail 'an ordinary user is told' 'as root run: apt-get install -y jq' env PATH="$work/fake:/usr/bin:/bin" tools/deps.sh test

# --- another distribution: a folder of programs, in which there is neither apt nor dpkg ---
mkdir "$work/other"
for d in /usr/bin /usr/sbin; do
  for p in "$d"/*; do
    case ${p##*/} in apt* | dpkg* | pkg-config | dnf | rpm | pacman | zypper | apk | id) ;; *) ln -sf "$p" "$work/other/" ;; esac
  done
done
ln -sf "$(command -v pkg-config)" "$work/other/pkg-config" # a link to dpkg's folder on Debian
check 'without apt and dpkg make builds, where the libraries are there' make --no-print-directory BUILD="$KERNIX_BUILD" PATH="$work/other"
# A package manager that has git alone installed, and writes down what it is asked to install.
cat >"$work/manager" <<'EOF'
#!/bin/sh
case "$1 $2" in '-Q git' | 'info -e') [ "$1" = -Q ] || [ "$3" = git ]; exit ;; '-Q '*) exit 1 ;; esac
echo "$*" >>"${0%/*}/../asked"
EOF
elsewhere() {
  rm -f "$work/asked" "$work"/other/{dnf,pacman,zypper,apk}
  cp "$work/manager" "$work/other/$1"
  printf '#!/bin/sh\n[ "$3" = git ]\n' >"$work/other/rpm"
  printf '#!/bin/sh\necho 0\n' >"$work/other/id"
  chmod 755 "$work/other/$1" "$work/other/rpm" "$work/other/id"
  PATH="$work/other" tools/deps.sh demo >"$work/said" 2>&1
}
for row in 'dnf elfutils-libelf-devel openssh-clients' 'pacman libelf pahole' 'zypper libelf-devel qemu-x86' 'apk elfutils-dev openssl-dev'; do
  # shellcheck disable=SC2086 # words
  set -- $row
  elsewhere "$1"
  check "$1 is asked for what its distribution calls it" test "$(grep -ow -e "$2" -e "$3" "$work/asked" | sort -u | wc -l)" = 2
  check "$1 is not asked for what is there, or for Debian's names" test "$(tr ' ' '\n' <"$work/asked" | grep -cx -e git -e libssl-dev -e xz-utils)" = 0
done
rm -f "$work"/other/{dnf,pacman,zypper,apk}
check 'without any package manager it is said what is needed, and meson decides' env PATH="$work/other" tools/deps.sh demo
# Every package of the two lists has its row.
# shellcheck disable=SC2154,SC2086
check 'deps-names has a row of five for each package' test -z "$(for p in $packages_build $packages_demo; do awk -v p="$p" '$1 == p && NF == 5 { ok = 1 } END { if (!ok) print p }' tools/deps-names; done)"
finish
