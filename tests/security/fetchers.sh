#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Attacks through fetchers: words of a derivation that programs could take for options, addresses that run helpers, files that only
# the caller may read, variables of the caller that lead git and curl elsewhere. Each leaves a mark where it works; none may.
# Then what must go on working: proxies, certificates, readable local files. `fetchers.sh user` is what an ordinary user can do.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=${KERNIX_BUILD:-$here/../../build}
work=$(mktemp -d "${TMPDIR:-/tmp}/fetchers-security.XXXXXX")
chmod 711 "$work"
mark=$work/mark # what an attack makes
mkdir -p "$work/home" "$work/open" "$work/tmp" "$mark"
chmod 755 "$work/open" && chmod 777 "$mark"
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; chmod -R u+w "$work"; rm -rf "$work"' EXIT
export HOME=$work/home NIX_REMOTE="local?root=$work/store" TMPDIR=$work/tmp
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=n GIT_AUTHOR_EMAIL=n@n GIT_COMMITTER_NAME=n GIT_COMMITTER_EMAIL=n@n
unset NIX_PATH http_proxy https_proxy all_proxy no_proxy
passed=0 failed=0 skipped=0
fake=sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

ok() { # WHAT COMMAND...
  if "${@:2}"; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAILED: $1"
    tail -n 6 "$work/said" | sed 's/^/    /'
  fi
}
# Builds derivation { name, system, ATTRS }; the output path is in $out, messages in $work/said.
drv() { # ATTRS
  out=$(timeout 60 "$build/bin/nix-build" --no-out-link -E "derivation ({ system = \"builtin\"; name = \"x\"; } // { $1 })" 2>"$work/said")
}
fails() { ! drv "$1"; }
says() { grep -qE -- "$1" "$work/said"; }
# The build fails, says TEXT, and no mark is left.
refused() { # WHAT TEXT ATTRS
  ok "$1: fails" fails "$3"
  ok "$1: says why" says "$2"
  ok "$1: does nothing" unmarked
}
unmarked() {
  local left
  left=$(ls -A "$mark")
  rm -rf "${mark:?}"/*
  [ -z "$left" ]
}
flat="outputHashMode = \"flat\"; outputHash = \"HASH\";"
tree="outputHashMode = \"recursive\"; outputHash = \"$fake\";"
sum() { nix-hash --type sha256 --flat --base32 "$1"; }
flat_of() { echo "${flat/HASH/sha256:$(sum "$1")}"; }

printf '#!/bin/sh\ntouch "%s/ran"\nchmod 666 "%s/ran"\n' "$mark" "$mark" >"$work/open/program"
chmod 755 "$work/open/program"
repo=$work/open/repo
git init -q -b main "$repo" && echo one >"$repo/file" && git -C "$repo" add -A && git -C "$repo" commit -qm one

test_git_words() {
  local git="builder = \"builtin:fetchgit\"; $tree"
  refused 'rev with a command' 'is not a name of a git ref' "$git url = \"file://$repo\"; rev = \"--upload-pack=$work/open/program\";"
  refused 'rev that is an option' 'is not a name of a git ref' "$git url = \"file://$repo\"; rev = \"--output=$mark/x\"; deepClone = \"1\";"
  refused 'rev that is a refspec' 'is not a name of a git ref' "$git url = \"file://$repo\"; rev = \"+refs/heads/main:refs/heads/x\";"
  refused 'address with a command' 'is not an address of a git repository' "$git url = \"--upload-pack=$work/open/program\"; rev = \"main\";"
  refused 'ext::' 'names a helper program' "$git url = \"ext::$work/open/program\"; rev = \"main\";"
  refused 'fd::' 'names a helper program' "$git url = \"fd::0\"; rev = \"main\";"
  refused 'ssh with an option' 'begins with' "$git url = \"ssh://-oProxyCommand=$work/open/program/x\"; rev = \"main\";"
  refused 'ssh with an option, hidden' 'begins with' "$git url = \"ssh://%2doProxyCommand=$work/open/program/x\"; rev = \"main\";"
  refused 'a protocol that is not in the list' 'protocol is not one of' "$git url = \"ftp://127.0.0.1/x\"; rev = \"main\";"
  refused 'a line break' 'control character' "$git url = \"git://127.0.0.1/x%0aevil\"; rev = \"main\";"
  refused 'sparse folder outside' 'is not a path in a git tree' "$git url = \"file://$repo\"; rev = \"main\"; sparseCheckout = \"../../etc\";"
  refused 'sparse option' 'is not a path in a git tree' "$git url = \"file://$repo\"; rev = \"main\"; sparseCheckout = \"--stdin\";"
}

# A repository whose submodules have addresses of these kinds.
test_git_submodules() {
  local bad=$work/open/bad git="builder = \"builtin:fetchgit\"; $tree fetchSubmodules = \"1\"; rev = \"main\";" url
  git init -q -b main "$bad" && git -C "$bad" -c protocol.file.allow=always submodule -q add "$repo" sub && git -C "$bad" commit -qm one
  for url in "ext::$work/open/program" "--upload-pack=$work/open/program" "ssh://-oProxyCommand=$work/open/program/x"; do
    git -C "$bad" config -f .gitmodules submodule.sub.url "$url"
    git -C "$bad" commit -qam "$url"
    refused "submodule at ${url%%[:=]*}" 'submodule' "$git url = \"file://$bad\";"
  done
  git -C "$bad" config -f .gitmodules submodule.sub.url "file://$repo"
  git -C "$bad" config -f .gitmodules submodule.sub.update "!$work/open/program"
  git -C "$bad" commit -qam update
  refused 'submodule with a command' 'submodule' "$git url = \"file://$bad\";"
}

test_deb_words() {
  local deb="builder = \"builtin:fetch-deb\"; ${flat/HASH/$fake}"
  refused 'package with an option of apt' 'is not the name of a Debian package' "$deb package = \"-oDir::Bin::dpkg\"; version = \"$work/open/program\"; arch = \"all\";"
  refused 'version that is a program' 'is not a version of a Debian package' "$deb package = \"hostname\"; version = \"$work/open/program\";"
  refused 'arch with an option' 'is not a Debian architecture' "$deb package = \"hostname\"; version = \"1\"; arch = \"-o\";"
  refused 'a folder above' 'is not a file of a Debian archive' "$deb package = \"hostname\"; version = \"1\"; arch = \"all\"; url = \"http://127.0.0.1:9/pool/../x.deb\";"
}

test_no_apt() {
  local bin=$work/bin said name
  mkdir -p "$bin"
  for name in apt-get apt dpkg apt-cache apt-config; do cp "$work/open/program" "$bin/$name"; done
  PATH=$bin:$PATH refused 'no program of apt is run' 'unable to download' \
    "builder = \"builtin:fetch-deb\"; ${flat/HASH/$fake} package = \"no-such-package\"; version = \"1\"; arch = \"all\"; url = \"http://127.0.0.1:9/pool/main/n/no-such-package/no-such-package_1_all.deb\";"
}

test_without_hash() {
  local kind
  echo "only mine" >"$work/home/secret" && chmod 600 "$work/home/secret"
  refused 'fetchurl without a hash' 'must be a fixed-output derivation' "builder = \"builtin:fetchurl\"; url = \"file://$work/home/secret\";"
  ok 'nothing of the file is in the store' eval '! grep -rqs "only mine" "$work/store/nix/store"'
  refused 'fetchgit without a hash' 'must be a fixed-output derivation' "builder = \"builtin:fetchgit\"; url = \"file://$repo\"; rev = \"main\";"
  refused 'fetch-deb without a hash' 'must be a fixed-output derivation' "builder = \"builtin:fetch-deb\"; package = \"hostname\"; version = \"1\"; arch = \"all\";"
  refused 'fetchurl with two outputs' 'must be a fixed-output derivation' "builder = \"builtin:fetchurl\"; url = \"file://$repo/file\"; outputs = [ \"out\" \"b\" ];"
}

test_local_files() {
  local url="builder = \"builtin:fetchurl\";"
  ok 'a readable file' drv "$url $(flat_of "$repo/file") url = \"file://$repo/file\";"
  mkfifo "$work/open/fifo"
  refused 'a FIFO is no file' 'neither a regular file nor a folder' "$url ${flat/HASH/$fake} url = \"file://$work/open/fifo\";"
  refused 'a device is no file' 'neither a regular file nor a folder' "$url ${flat/HASH/$fake} url = \"file:///dev/zero\";"
  refused 'what a process has open' 'neither a regular file nor a folder' "$url ${flat/HASH/$fake} url = \"file:///proc/self/root/etc/hosts\";"
  refused 'files about processes' 'neither a regular file nor a folder' "$url ${flat/HASH/$fake} url = \"file:///proc/self/environ\";"
  refused 'no such file' 'No such file' "$url ${flat/HASH/$fake} url = \"file://$work/open/none\";"
  [ "$(id -u)" = 0 ] || return
  echo "only mine" >"$work/open/secret" && chmod 600 "$work/open/secret"
  mkdir -m 700 "$work/closed" && echo "only mine, too" >"$work/closed/file"
  ln -s "$work/open/secret" "$work/open/link"
  refused "root's file with its hash" 'may not be read by the user that builds' "$url $(flat_of "$work/open/secret") url = \"file://$work/open/secret\";"
  refused 'the same through a link' 'may not be read by the user that builds' "$url $(flat_of "$work/open/secret") url = \"file://$work/open/link\"; name = \"y\";"
  refused 'a readable file in a closed folder' 'may not be read by the user that builds' "$url $(flat_of "$work/closed/file") url = \"file://$work/closed/file\";"
  cp -r "$repo" "$work/closed/repo"
  refused 'a repository in a closed folder' 'may not be read by the user that builds' "builder = \"builtin:fetchgit\"; $tree url = \"file://$work/closed/repo\"; rev = \"main\";"
  ok 'nothing of them is in the store' eval '! grep -rqs "only mine" "$work/store/nix/store"'
}

# GIT_DIR, GIT_WORK_TREE and more of the caller lead git to the caller's own repository.
test_git_environment() {
  local own=$work/own before git hash
  git init -q -b main "$own" && echo mine >"$own/file" && git -C "$own" add -A && git -C "$own" commit -qm mine
  state() { git -C "$own" rev-parse HEAD; find "$own" -type f -exec sha256sum {} + | sort; }
  git="builder = \"builtin:fetchgit\"; outputHashMode = \"recursive\"; url = \"file://$repo\"; rev = \"main\";"
  cp -r "$repo" "$work/plain" && rm -rf "$work/plain/.git"
  hash=$(nix-hash --type sha256 --base32 "$work/plain")
  git -C "$own" status >/dev/null # it writes the index
  before=$(state)
  GIT_DIR=$own/.git GIT_WORK_TREE=$own GIT_INDEX_FILE=$own/.git/index GIT_TRACE=$mark/trace GIT_EXEC_PATH='' GIT_SSH_COMMAND=$work/open/program \
    GIT_EXTERNAL_DIFF=$work/open/program GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.fsmonitor GIT_CONFIG_VALUE_0="$work/open/program" \
    GIT_TEMPLATE_DIR="$work/templates" drv "$git outputHash = \"sha256:$hash\";"
  ok "fetchgit beside the caller's GIT_DIR" test -n "$out"
  ok "the caller's repository is as it was" test "$before" = "$(state)"
  ok "no variable of the caller reaches git" unmarked
}

# A repository whose own settings name programs.
test_git_hostile() {
  local evil=$work/open/evil key hash
  cp -r "$repo" "$evil"
  for key in core.fsmonitor core.sshCommand core.hooksPath uploadpack.packObjectsHook filter.x.smudge filter.x.clean diff.external core.alternateRefsCommand core.pager; do
    git -C "$evil" config "$key" "$work/open/program"
  done
  echo '* filter=x' >"$evil/.gitattributes"
  for key in post-checkout post-merge pre-auto-gc reference-transaction; do cp "$work/open/program" "$evil/.git/hooks/$key"; done
  git -C "$evil" -c filter.x.clean= -c filter.x.smudge= -c core.fsmonitor= -c core.hooksPath=/dev/null add .gitattributes
  git -C "$evil" -c filter.x.clean= -c core.fsmonitor= -c core.hooksPath=/dev/null commit -qm evil
  rm -rf "$work/plain" && mkdir "$work/plain" && cp "$evil/file" "$evil/.gitattributes" "$work/plain"
  hash=$(nix-hash --type sha256 --base32 "$work/plain")
  unmarked
  ok 'fetchgit of a hostile repository' drv "builder = \"builtin:fetchgit\"; outputHashMode = \"recursive\"; outputHash = \"sha256:$hash\"; url = \"file://$evil\"; rev = \"main\";"
  ok 'none of its programs runs' unmarked
}

# A proxy that answers by itself with the address that it was asked for, and says who asked.
test_proxy() {
  command -v python3 >/dev/null || { skipped=$((skipped + 1)); return; }
  python3 - "$work/port" <<'PROXY' &
import http.server, sys
class Proxy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = ("through the proxy: " + self.path + "\n").encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
    def log_message(self, *words): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Proxy)
open(sys.argv[1] + ".new", "w").write(str(server.server_port))
import os; os.rename(sys.argv[1] + ".new", sys.argv[1])
server.serve_forever()
PROXY
  pids+=($!)
  for _ in $(seq 50); do [ -s "$work/port" ] && break; sleep 0.1; done
  local proxy name
  proxy=http://127.0.0.1:$(cat "$work/port")
  echo "through the proxy: http://nowhere.invalid/x" >"$work/answer"
  for name in http_proxy all_proxy; do
    env "$name=$proxy" bash -c : # the name is what the test is about
    export "$name=$proxy"
    ok "fetchurl through $name" drv "builder = \"builtin:fetchurl\"; name = \"$name\"; $(flat_of "$work/answer") url = \"http://nowhere.invalid/x\";"
    unset "$name"
  done
  refused "a derivation's own http_proxy does not count" 'nowhere.invalid' "builder = \"builtin:fetchurl\"; ${flat/HASH/$fake} url = \"http://nowhere.invalid/x\"; http_proxy = \"$proxy\";"
}

# Certificates that the caller names lie where the sandbox does not show them.
test_certificates() {
  local pem=$work/home/own.pem port
  command -v openssl >/dev/null || { skipped=$((skipped + 1)); return; }
  port=$((20000 + RANDOM % 20000))
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$pem" 2>/dev/null
  (cd "$repo" && exec openssl s_server -quiet -accept "127.0.0.1:$port" -cert "$pem" -key "$work/key.pem" -WWW </dev/null >/dev/null 2>&1) &
  pids+=($!)
  for _ in $(seq 50); do (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.1; done
  NIX_SSL_CERT_FILE=$pem drv "builder = \"builtin:fetchurl\"; name = \"tls\"; $(flat_of "$repo/file") url = \"https://localhost:$port/file\";"
  ok "certificates that the caller names" test -n "$out"
  NIX_SSL_CERT_FILE='' SSL_CERT_FILE='' refused 'a server without a known certificate' 'certificate' \
    "builder = \"builtin:fetchurl\"; name = \"tls2\"; ${flat/HASH/$fake} url = \"https://localhost:$port/file\";"
}

run() {
  local t
  for t in "$@"; do "test_$t"; done
}
all="git_words git_submodules deb_words no_apt without_hash local_files git_environment git_hostile proxy certificates"
# shellcheck disable=SC2086 # words
case ${1:-all} in
user) run $all ;;
all)
  run $all
  made=
  [ "$(id -u)" != 0 ] || id kernixtest >/dev/null 2>&1 || { useradd -m kernixtest && made=1; }
  if [ "$(id -u)" != 0 ] || ! id kernixtest >/dev/null 2>&1; then
    skipped=$((skipped + 1))
  else
    mkdir "$work/user" && cp "$0" "$work/user/" && chown -R kernixtest "$work/user"
    if ! su kernixtest -c "env -u KERNIX_REPORT -u NIX_REMOTE -u TMPDIR TMPDIR=$work/user KERNIX_BUILD=$(realpath "$build") PATH=$PATH bash $work/user/fetchers.sh user" >"$work/user.log" 2>&1; then
      failed=$((failed + 1))
      echo "FAILED: as an ordinary user"
      sed 's/^/    /' "$work/user.log"
    else
      passed=$((passed + $(sed -n 's/ passed.*//p' "$work/user.log" | tail -n 1)))
    fi
    [ -z "$made" ] || userdel -r kernixtest 2>/dev/null
  fi
  ;;
esac
[ -z "${KERNIX_REPORT:-}" ] || echo "$passed $failed $skipped" >"$KERNIX_REPORT"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
