#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# fetchGit runs nothing: words that are options, repositories whose configuration names programs, repositories and caches of other
# users, the caller's GIT_ variables, hostile trees. Whatever an attack would run makes the file $ran.
set -u
nix=$KERNIX_BUILD/bin/nix-instantiate
work=$(mktemp -d "${TMPDIR:-/tmp}/fetchgit.XXXXXX")
daemon=
cleanup() {
  [ -z "$daemon" ] || kill "$daemon" 2>/dev/null
  chmod -R u+w "$work"
  rm -rf "$work"
}
trap cleanup EXIT
export NIX_REMOTE="local?root=$work/root" NIX_CACHE_HOME=$work/cache HOME=$work NIX_PATH= GIT_CONFIG_GLOBAL=/dev/null
export GIT_AUTHOR_NAME=n GIT_AUTHOR_EMAIL=n@n GIT_COMMITTER_NAME=n GIT_COMMITTER_EMAIL=n@n
passed=0 failed=0 ran=$work/ran
zeros=0000000000000000000000000000000000000000

check() { # NAME; then the status of a command as $?
  local status=$?
  if [ $status = 0 ]; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAIL: $1"
    tail -n 4 "$work/out"
  fi
}
eval_() { timeout 60 "$nix" --eval --strict "$@" >"$work/out" 2>&1; }
nothing_ran() { # NAME
  local what
  what=$(ls "$ran"* 2>/dev/null)
  [ -z "$what" ]
  check "$1: nothing ran"
  rm -f "$ran"*
}
refused() { # NAME MESSAGE EVAL-WORDS...
  local name=$1 message=$2
  shift 2
  eval_ "$@"
  [ $? = 1 ] && grep -q -- "$message" "$work/out"
  check "$name: refused with a clear word"
  nothing_ran "$name"
}
made() { # NAME-OF-REPOSITORY: one commit in it
  git init -q -b main "$work/$1"
  echo "${2:-text}" >"$work/$1/file"
  git -C "$work/$1" add -A && git -C "$work/$1" commit -q -m one
}
program() { # NAME [COMMAND]: a program that leaves a trace, and passes on what it reads
  printf '#!/bin/sh\necho "$0 $*" >%s-%s\n%s\n' "$ran" "$1" "${2:-cat}" >"$work/$1"
  chmod 755 "$work/$1"
  echo "$work/$1"
}
cd "$work" || exit 1

# words
refused 'an option as URL' 'upload-pack' -E "fetchGit { url = \"--upload-pack=touch $ran;\"; ref = \"./x\"; }"
refused 'an option as ref' 'not a name of a git ref' -E "fetchGit { url = \"git://localhost/x\"; ref = \"--upload-pack=touch $ran;#\"; }"
refused 'an option as ref of a folder' '.' -E "fetchGit { url = \".\"; ref = \"--upload-pack=touch $ran;#\"; }"
refused 'pure evaluation' 'upload-pack' --option pure-eval true \
  -E "builtins.fetchGit { url = \"--upload-pack=touch $ran;\"; ref = \"./x\"; rev = \"$zeros\"; }"
refused 'a remote helper' '.' -E "fetchGit \"ext::sh -c touch% $ran\""
refused 'a host that is an option' "begins with '-'" -E "fetchGit \"ssh://-oProxyCommand=touch%20$ran/x\""
refused 'a file address of another machine' 'no such folder' -E 'fetchGit "file://host/x"'
refused 'another protocol' "'ftp" -E 'fetchGit "ftp://localhost/x"'
made words
refused 'an expression as ref' "has one of the characters" -E 'fetchGit { url = ./words; ref = "HEAD~0"; }'

# programs of a local repository's configuration
made monitored
git -C monitored config core.fsmonitor "$(program monitor)"
eval_ -E '(fetchGit ./monitored).rev'
check 'core.fsmonitor: fetched'
nothing_ran 'core.fsmonitor'
made filtered
p=$(program filter)
git -C filtered config filter.f.clean "$p" && git -C filtered config filter.f.smudge "$p" && git -C filtered config filter.f.process "$p"
git -C filtered config diff.d.textconv "$p"
printf '* filter=f diff=d\n' >filtered/.git/info/attributes
echo TEXT >filtered/file
eval_ -E '(fetchGit ./filtered).rev'
check 'filters: fetched'
nothing_ran 'filters'
made hooked
for hook in post-index-change post-checkout reference-transaction pre-auto-gc post-commit; do
  cp "$(program "hook-$hook")" "hooked/.git/hooks/$hook"
done
sleep 1 && touch hooked/file
eval_ -E '(fetchGit ./hooked).rev'
check 'hooks: fetched'
nothing_ran 'hooks'
made partial
git clone -q --bare partial origin.git
object=$(git -C partial rev-parse HEAD:file)
git -C partial config remote.origin.url "$work/origin.git" && git -C partial config remote.origin.promisor true
git -C partial config remote.origin.uploadpack "$(program uploadpack false)" && git -C partial config extensions.partialClone origin
git -C partial config core.repositoryFormatVersion 1
rm -f "partial/.git/objects/${object:0:2}/${object:2}"
refused 'the program behind missing objects' 'object not found' -E "(fetchGit { url = ./partial; rev = \"$(git -C partial rev-parse HEAD)\"; }).rev"
rm words/file && mkfifo words/file
eval_ -E '(fetchGit ./words).rev'
[ $? = 1 ]
check 'a FIFO in the working tree is an error'

# the caller's variables
made mine mine && made other other
want=$(git -C mine rev-parse HEAD)
GIT_DIR=$work/other/.git GIT_WORK_TREE=$work/other GIT_INDEX_FILE=$work/other/.git/index GIT_OBJECT_DIRECTORY=$work/other/.git/objects \
  eval_ -E '(fetchGit ./mine).rev' && grep -q "$want" out && [ -z "$(git -C other status --porcelain)" ]
check 'GIT_DIR and its kin change nothing'

# other users
if [ "$(id -u)" = 0 ]; then
  made foreign && chown -R 65534:65534 foreign
  refused 'a repository of another user' 'belongs to another user' -E '(fetchGit ./foreign).rev'
  SUDO_UID=1234 refused 'and not of the one who called sudo' 'belongs to another user' -E '(fetchGit ./foreign).rev'
  SUDO_UID=65534 eval_ -E '(fetchGit ./foreign).rev'
  check 'that of the user who called sudo'
  made foreign-git && chown -R 65534:65534 foreign-git/.git
  refused 'a .git folder of another user' 'belongs to another user' -E '(fetchGit ./foreign-git).rev'
  mkdir pointed && echo "gitdir: $work/foreign/.git" >pointed/.git
  refused 'a link to a repository of another user' 'belongs to another user' -E '(fetchGit ./pointed).rev'
  mkdir -p foreign/below && refused 'a folder in a repository of another user' 'belongs to another user' -E '(fetchGit ./foreign/below).rev'
  made tree-elsewhere && git -C tree-elsewhere config core.worktree "$work/foreign"
  refused 'a working tree of another user' 'belongs to another user' -E '(fetchGit ./tree-elsewhere).rev'
fi

# trees that lead out of their folder
made evil
blob=$(echo outside | git -C evil hash-object -w --stdin)
tree_of() { # MODE NAME HEX...: a tree that git itself would not make
  perl -e 'while (@ARGV) { my ($m, $n, $h) = splice(@ARGV, 0, 3); print "$m $n\0", pack("H*", $h) }' "$@" |
    git -C evil hash-object -w -t tree --literally --stdin
}
outside=$(tree_of 100644 outside "$blob")
dots=$(git -C evil commit-tree -m x "$(tree_of 40000 .. "$outside")")
link=$(printf '%s' "$work" | git -C evil hash-object -w --stdin)
twice=$(git -C evil commit-tree -m x "$(tree_of 120000 a "$link" 40000 a "$outside")")
for rev in "$dots" "$twice"; do
  eval_ -E "(fetchGit { url = ./evil; rev = \"$rev\"; }).outPath"
  [ $? = 1 ] && [ ! -e "$work/outside" ] && ! ls "${TMPDIR:-/tmp}"/kernix-git*/outside >/dev/null 2>&1
  check "a tree that leads out of its folder: ${rev:0:7}"
done

# caches that others could write
mkdir open && chmod 777 open
NIX_CACHE_HOME=$work/open refused 'a cache that others can write' 'can be written by others' -E 'fetchGit "git://localhost:1/x"'
NIX_CACHE_HOME=$work/open/below refused 'a cache below such a folder' 'can be written by others' -E 'fetchGit "git://localhost:1/x"'
echo text >plain && tar -cf plain.tar plain
NIX_CACHE_HOME=$work/open/below refused 'such a cache of downloads' 'can be written by others' -E "builtins.fetchurl \"file://$work/plain\""
NIX_CACHE_HOME=$work/open/below refused 'such a cache, search path' 'can be written by others' -I "x=file://$work/plain.tar" -E '<x>'
if [ "$(id -u)" = 0 ]; then
  mkdir -m 700 theirs && chown 65534 theirs
  NIX_CACHE_HOME=$work/theirs/c refused "a cache in another user's folder" 'belongs to another user' -E 'fetchGit "git://localhost:1/x"'
  mkdir -m 1777 sticky && mkdir -m 700 sticky/c && chown 65534 sticky/c
  NIX_CACHE_HOME=$work/sticky/c refused 'a cache that another user made' 'belongs to another user' -E 'fetchGit "git://localhost:1/x"'
fi
if [ "$(id -u)" = 0 ] && [ "$(getent passwd root | cut -d: -f6)" = /root ]; then
  env -u HOME -u NIX_CACHE_HOME strace -f -e trace=mkdir,openat -o strace.out "$nix" --eval -E "builtins.fetchurl \"file://$work/plain\"" >out 2>&1
  ! grep -q '"/tmp/.cache' strace.out && grep -q '"/root/.cache/kernix' strace.out
  check 'without HOME: the home of the passwd entry, not /tmp'
fi

# remote: over git's own protocol
made served one
git clone -q --bare served served.git && touch served.git/git-daemon-export-ok
git -C served.git config uploadpack.allowAnySHA1InWant true
for port in 9419 9431 9443 9457; do
  git daemon --reuseaddr --listen=127.0.0.1 --port=$port --base-path="$work" "$work" >daemon.log 2>&1 &
  daemon=$!
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    git ls-remote -q "git://127.0.0.1:$port/served.git" >/dev/null 2>&1 && break 2
    sleep 0.1
  done
  kill "$daemon"
done
url=git://127.0.0.1:$port/served.git
rev=$(git -C served rev-parse HEAD)
eval_ -E "let g = fetchGit \"$url\"; in g.rev + \" \" + builtins.readFile (g + \"/file\")" && grep -q "$rev one" out
check 'a remote repository'
[ "$(stat -c %a-%u cache/git)" = "700-$(id -u)" ] && [ -z "$(find cache/git ! -user "$(id -u)")" ]
check 'its cache is private'
echo two >served/file && git -C served commit -q -am two && git -C served push -q ../served.git main
new=$(git -C served rev-parse HEAD)
eval_ -E "(fetchGit { url = \"$url\"; ref = \"main\"; }).rev" && grep -q "$new" out
check 'what is new comes'
kill "$daemon" && wait "$daemon" 2>/dev/null
eval_ -E "(fetchGit { url = \"$url\"; rev = \"$rev\"; }).revCount" && grep -qx 1 out
check 'a revision that is there needs no server'
eval_ -E "(fetchGit { url = \"$url\"; ref = \"main\"; }).rev"
[ $? = 1 ] && grep -q 'unable to connect' out
check 'a server that is not there is an error'
# Whatever takes over the git that talks to the server is still in the sandbox: a program that it really runs reaches nothing.
cached=$(find cache/git -mindepth 1 -maxdepth 1 -type d)
printf '#!/bin/sh\ntouch /build/came-here "%s"; cat "%s/plain" >/build/seen; ln -s /etc/shadow /build/objects/link; env >/build/env; cp /etc/kernix-certificates.pem /build/pem\n' "$ran" "$work" >"$cached/proxy"
chmod 755 "$cached/proxy" && git -C "$cached" config core.gitProxy /build/proxy
echo certificates >pem && chmod 600 pem
NIX_SSL_CERT_FILE=$work/pem https_proxy=http://localhost:1 SECRET_OF_CALLER=1 eval_ -E "(fetchGit { url = \"$url\"; ref = \"main\"; }).rev"
[ -e "$cached/came-here" ] && [ ! -s "$cached/seen" ] && ! grep -q 'SECRET\|/home\|HOME=/root' "$cached/env" && [ ! -L "$cached/objects/link" ]
check 'a program behind git stays in the sandbox'
grep -q 'https_proxy=http://localhost:1' "$cached/env" && cmp -s pem "$cached/pem"
check 'proxies and certificates of the caller come along'
nothing_ran 'the sandbox of git'

[ -z "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'kernix-git*' -user "$(id -u)")" ]
check 'no folder is left'
[ -z "${KERNIX_REPORT:-}" ] || echo "$passed $failed 0" >"$KERNIX_REPORT"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
