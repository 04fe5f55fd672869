#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernix kernels and kernix kernels update, against a server on this machine whose lists a key made here signs. What a server or a
# table may do wrong (wrong signature, replay, half a download, endless answers, hostile JSON) changes nothing and is said.
set -u
. "$(dirname "$0")/lib.sh"
umask 022 # tables are for everybody to read
unset http_proxy https_proxy all_proxy KERNIX_KERNELS_URL KERNIX_KERNELS_KEY NIX_PATH
export LC_ALL=C HOME=$work/home XDG_CONFIG_HOME=$work/home/.config NIX_REMOTE="local?root=$work/store"
site=$work/site table=$XDG_CONFIG_HOME/kernix/kernels.json kernix=$KERNIX_BUILD/kernix
mkdir -p "$HOME" "$site/pub/linux/kernel/v6.x" "$site/pub/linux/kernel/v7.x"
for tool in gpg gpgv python3 jq; do
  command -v $tool >/dev/null || { bad "$tool is not installed"; finish; }
done

# --- keys: the right one, another one, one that has expired ---
export GNUPGHOME=$work/gnupg
mkdir -m 700 "$GNUPGHOME"
trap 'gpgconf --kill gpg-agent; kill "$server" 2>/dev/null; chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
server=
# On a busy machine gpg gives up waiting for its agent: it is tried again.
gpg_() {
  for _ in 1 2 3 4 5; do
    gpg --batch --quiet --no-tty --pinentry-mode loopback --passphrase '' "$@" 2>>"$work/gpg.log" && return
    sleep 1
  done
  bad "gpg $*" "$work/gpg.log"
}
gpg_ --faked-system-time 20250101T000000 --quick-generate-key right@test ed25519 sign never
gpg_ --faked-system-time 20250101T000000 --quick-generate-key wrong@test ed25519 sign never
gpg_ --faked-system-time 20200101T000000 --quick-generate-key old@test ed25519 sign 1d
gpg_ --armor --export right@test >"$work/key.asc"
gpg_ --export right@test >"$work/key.gpg"
gpg_ --armor --export old@test >"$work/old.asc"

# --- the server: what a file `how` beside the site says ---
cat >"$work/server.py" <<'PY'
import http.server, os, sys
site, how = sys.argv[1], sys.argv[2]
class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *a): pass
    def do_GET(self):
        mode = open(how).read().split()
        path = self.path
        if path.startswith('/moved'):
            path = path[6:]
        elif mode[:1] == ['redirect']:
            self.send_response(302); self.send_header('Location', '/moved' + path); self.end_headers(); return
        elif mode[:1] == ['circle']:
            self.send_response(302); self.send_header('Location', path); self.end_headers(); return
        elif mode[:1] == ['tofile']:
            self.send_response(302); self.send_header('Location', 'file://' + site + path); self.end_headers(); return
        name = mode[1] if len(mode) > 1 else ''
        if mode[0] == 'error' and name in path:
            self.send_response(503); self.end_headers(); return
        if mode[0] == 'huge' and name in path:
            self.send_response(200); self.end_headers()
            try:
                for i in range(2000): self.wfile.write(b' ' * 65536)
            except OSError: pass
            return
        try: data = open(site + path, 'rb').read()
        except OSError:
            self.send_response(404); self.end_headers(); return
        self.send_response(200)
        if mode[0] == 'short' and name in path:
            self.send_header('Content-Length', str(len(data))); self.end_headers(); self.wfile.write(data[:len(data) // 2]); return
        if mode[0] == 'cut' and name in path:  # no length: only the contents can tell
            self.end_headers(); self.wfile.write(data[:len(data) // 2]); return
        self.send_header('Content-Length', str(len(data))); self.end_headers(); self.wfile.write(data)
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
open(how + '.port.tmp', 'w').write(str(server.server_port)); os.rename(how + '.port.tmp', how + '.port')
server.serve_forever()
PY
how() { echo "$*" >"$work/how"; }
how plain
python3 "$work/server.py" "$site" "$work/how" &
server=$!
for _ in $(seq 100); do [ -s "$work/how.port" ] && break; sleep 0.05; done
url=http://127.0.0.1:$(cat "$work/how.port")
update() { "$kernix" kernels update --user --url "$url" --key "$work/key.asc" "$@"; }

# --- what the site has ---
own() { jq -r ".series[\"$1\"].version" "$KERNIX_SRC/nixpkgs/linux/versions.json"; }
release() { # VERSION MONIKER EOL
  printf '{"iseol": %s, "version": "%s", "moniker": "%s", "source": null, "released": {"timestamp": 1795000000, "isodate": "2026-11-20"}}' "$3" "$1" "$2"
}
releases() { # 'VERSION MONIKER EOL'...
  local sep='' r
  printf '{"latest_stable": {"version": "7.2.99"}, "releases": ['
  for r; do
    printf '%s' "$sep"
    # shellcheck disable=SC2086 # three words
    release $r
    sep=','
  done
  printf ']}\n'
}
sums() { # SIGNER TIME VERSION...: the signed list of their major
  local signer=$1 time=$2 v major
  shift 2
  major=${1%%.*}
  for v; do
    printf '%s  linux-%s.tar.gz\n' "$(echo "gz $v" | sha256sum | cut -d' ' -f1)" "$v"
    printf '%s  linux-%s.tar.xz\n' "$(echo "xz $v" | sha256sum | cut -d' ' -f1)" "$v"
  done >"$work/plain"
  gpg_ --yes --faked-system-time "$time!" --local-user "$signer" --clearsign --output "$site/pub/linux/kernel/v$major.x/sha256sums.asc" "$work/plain"
}
good_list() {
  releases '7.9-rc3 mainline false' '7.2.99 stable false' '6.18.99 longterm false' '6.12.250 longterm false' '6.6.301 longterm true' 'next-20261120 linux-next false' >"$site/releases.json"
}
good_site() {
  good_list
  sums right@test 20261120T000000 6.18.99 6.12.250 6.6.301
  sums right@test 20261120T000000 7.2.99
}
good_site

# --- the plain case ---
check 'a list of what is known needs no network' "$kernix" kernels
check 'and says how to learn more' grep -q 'kernix kernels update' <("$kernix" kernels)
update >"$work/said" 2>&1
check 'update says what is new' grep -q "^6.12: $(own 6.12) -> 6.12.250, released 2026-11-20\$" "$work/said"
check 'and what has ended' grep -q '^6.6: .*6.6.301.*the series has ended' "$work/said"
check 'also what kernel.org does not name any more' grep -q '^5.10: the series has ended' "$work/said"
check 'and where it is written' grep -qF "$table" "$work/said"
want=$("$bin/nix-hash" --type sha256 --to-sri "$(echo 'xz 6.12.250' | sha256sum | cut -d' ' -f1)")
eval_() { "$bin/nix-instantiate" --eval --strict --json "$@" -E 'with import <nixpkgs> {}; [ linux_6_12.version linux_6_12.src.outputHash linux.version linux_latest.version linux_6_6.meta.eol linux_6_18.src.urls ]' 2>&1; }
check 'the package set builds it' [ "$(eval_ | jq -r '.[0], .[1], .[2], .[3], .[4]' | tr '\n' ' ')" = "6.12.250 $want 6.18.99 7.2.99 true " ]
check 'what is said of a series that is not there knows it' grep -q 'linuxPackages_6_12 linuxPackages_6_18' <("$bin/nix-instantiate" --eval -E '(import <nixpkgs> {}).linuxPackages_3_2' 2>&1)
check 'and not the one that has ended' sh -c "! '$bin/nix-instantiate' --eval -E '(import <nixpkgs> {}).linuxPackages_3_2' 2>&1 | grep -q linuxPackages_6_6"
check 'from the mirrors of kernel.org' grep -q '/linux/kernel/v6.x/linux-6.18.99.tar.xz' <(eval_)
check 'restricted evaluation does not see it' [ "$(eval_ --option restrict-eval true -I "nixpkgs=$KERNIX_SRC/nixpkgs" | jq -r '.[0]')" = "$(own 6.12)" ]
mkdir "$work/tree" && cp "$KERNIX_SRC"/nixpkgs/linux/{releases.nix,versions.json} "$work/tree"
tar -C "$work" -czf "$work/tree.tar.gz" tree
check 'nor does pure evaluation' [ "$("$bin/nix-instantiate" --eval --option pure-eval true -E "(import \"\${fetchTarball { url = \"file://$work/tree.tar.gz\"; sha256 = \"$("$bin/nix-hash" --type sha256 --base32 "$work/tree")\"; }}/releases.nix\").series.\"6.12\".version" 2>&1)" = "\"$(own 6.12)\"" ]
check 'a pin is not changed' [ "$("$bin/nix-instantiate" --eval --json -E 'with import <nixpkgs> {}; (linux_6_12.override { argsOverride = { version = "6.12.7"; modDirVersion = "6.12.7"; }; }).version')" = '"6.12.7"' ]
check 'the list' "$kernix" kernels
"$kernix" kernels >"$work/said"
check 'and when kernel.org was asked' grep -qE '^kernel.org was asked on 20[0-9-]{8} ' "$work/said"
check 'it has date and support' grep -qE '^6\.12 +6\.12\.250 +2026-11-20 +LTS' "$work/said"
check 'the candidate that kernel.org names' grep -q 'kernel.org has 7.9-rc3, without a signed archive' "$work/said"
check 'what has ended is not listed' [ "$(grep -c '^6\.6 ' "$work/said")" = 0 ]
check 'but with --all' grep -qE '^6\.6 +6\.6\.301 +2026-11-20 +ended' <("$kernix" kernels --all)
check 'as JSON' [ "$("$kernix" kernels --json | jq -r '.[] | select(.series == "6.12") | "\(.version) \(.released) \(.lts) \(.eol) \(.from)"')" = '6.12.250 2026-11-20 true false table' ]
check 'again: nothing new' grep -q 'no series has anything newer' <(update)
check 'an unarmoured key' update --key "$work/key.gpg"
check 'the environment names server and key' env KERNIX_KERNELS_URL="$url" KERNIX_KERNELS_KEY="$work/key.asc" "$kernix" kernels update --user
check 'a file:// copy' "$kernix" kernels update --user --url "file://$site" --key "$work/key.asc"
how redirect
check 'a redirect is followed' update
how plain
rm "$table"
check '--dry-run' update --dry-run
check '--dry-run writes nothing' [ ! -e "$table" ]

# --- what is built and what runs ---
mkdir -p "$work/built"
for name in linux-6.12.249 linux-6.12.249-modules linux-config-6.12.248 linux-6.12.247.tar.xz linux-hardened-6.12.63-hardened1 linux-6.6.300; do
  "$bin/nix-instantiate" --eval --read-write-mode -E "builtins.toFile \"$name\" \"\"" >/dev/null 2>&1
done
update >"$work/out" 2>&1
check 'what is built' [ "$("$kernix" kernels --json | jq -c '.[] | select(.series == "6.12") | [.built, .newerThanBuilt]')" = '[["6.12.63-hardened1","6.12.249"],true]' ]
check 'an ended series of which something is built is listed' grep -qE '^6\.6 .*ended' <("$kernix" kernels)

# --- another machine, an ordinary user, root's own table ---
mkdir -p "$work/machine/etc"
check '--root writes its /etc' "$kernix" kernels update --root "$work/machine" --url "$url" --key "$work/key.asc"
check 'for everybody to read' [ "$(stat -c %a "$work/machine/etc/kernix/kernels.json")" = 644 ]
check '--root reads it' grep -q '6.12.250' <("$kernix" kernels --root "$work/machine")
cp "$work/key.asc" "$work/machine/etc/kernix/kernel.org.asc"
check "a machine's own key" "$kernix" kernels update --root "$work/machine" --url "$url"
mkdir "$work/victim" "$work/foreign" && ln -s "$work/victim" "$work/foreign/etc"
check 'a root whose /etc leads elsewhere' "$kernix" kernels update --root "$work/foreign" --url "$url" --key "$work/key.asc"
check 'nothing is written there' [ -z "$(ls "$work/victim")" ]
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
  mkdir -p "$work/nobody" && chown 65534:65534 "$work/nobody" && chmod 755 "$work"
  check 'an ordinary user' setpriv --reuid 65534 --regid 65534 --clear-groups env HOME="$work/nobody" XDG_CONFIG_HOME= TMPDIR=/tmp "$kernix" kernels update --url "$url" --key "$work/key.asc"
  check 'has a table of their own' [ -s "$work/nobody/.config/kernix/kernels.json" ]
  check 'and reads it' [ "$(setpriv --reuid 65534 --regid 65534 --clear-groups env HOME="$work/nobody" XDG_CONFIG_HOME= NIX_REMOTE= "$bin/nix-instantiate" --eval -E '(import <nixpkgs> {}).linux_6_12.version' 2>/dev/null)" = '"6.12.250"' ]
  # Root with the environment of somebody else, as sudo may leave it: their table has no say.
  version_as_root() { env HOME="$work/nobody" XDG_CONFIG_HOME="$1" "$bin/nix-instantiate" --eval -E '(import <nixpkgs> {}).linux_6_12.version' 2>/dev/null; }
  check "not root's: HOME of somebody else" [ "$(version_as_root "")" != '"6.12.250"' ]
  check "not root's: XDG_CONFIG_HOME of somebody else" [ "$(version_as_root "$work/nobody/.config")" != '"6.12.250"' ]
fi
# What a table says besides what is kernel.org's is refused by evaluation, too.
mkdir -p "$work/odd/kernix"
odd() { # NAME JQ-FILTER
  jq "$2" "$table" >"$work/odd/kernix/kernels.json"
  expect_fail "evaluation: $1" "is damaged: the series '6.12'" env XDG_CONFIG_HOME="$work/odd" "$bin/nix-instantiate" --eval -E '(import <nixpkgs> {}).linux_6_12.version'
}
odd 'another address' '.series["6.12"].url = "https://evil.example/linux-6.12.250.tar.xz"'
odd 'no hash' '.series["6.12"].hash = "sha256-x"'
odd 'a version of another series' '.series["6.12"].version = "6.13.1"'
odd 'no word of its end' 'del(.series["6.12"].eol)'

# --- what goes wrong: each time the table stays, to the byte ---
refused() { # NAME TEXT ARGUMENT...
  local name=$1 text=$2 sum
  shift 2
  sum=$(sha256sum <"$table")
  expect_fail "$name" "$text|the table of kernels stays as it is" update "$@"
  check "$name: nothing changed" [ "$(sha256sum <"$table")" = "$sum" ]
  check "$name: nothing is left" [ -z "$(find "$XDG_CONFIG_HOME/kernix" "${TMPDIR:-/tmp}" -maxdepth 1 \( -name 'kernels.json?*' -o -name 'kernix-kernels*' \))" ]
  good_site
  how plain
}
good_site
sums wrong@test 20261121T000000 6.18.99 6.12.251
refused 'another key' 'is not signed by the key that is known'
sed -i 's/linux-6.12.250.tar.xz/linux-6.12.251.tar.xz/' "$site/pub/linux/kernel/v6.x/sha256sums.asc"
refused 'a changed list' 'is not signed by the key that is known'
cp "$work/plain" "$site/pub/linux/kernel/v7.x/sha256sums.asc"
refused 'no signature' 'is not signed by the key that is known'
sums old@test 20200101T010000 7.2.99
refused 'a key that has expired' 'is not signed by the key that is known' --key "$work/old.asc"
{ printf '%064d  linux-6.12.250.tar.xz\n' 0; cat "$site/pub/linux/kernel/v6.x/sha256sums.asc"; printf '%064d  linux-6.12.251.tar.xz\n' 0; } >"$work/around"
cp "$work/around" "$site/pub/linux/kernel/v6.x/sha256sums.asc"
releases '7.2.99 stable false' '6.18.99 longterm false' '6.12.251 longterm false' >"$site/releases.json"
update >"$work/out" 2>&1
check 'text around the signed one is not used' grep -vq 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' "$table"
check 'nor is its version' [ "$(jq -r '.series["6.12"].version' "$table")" = 6.12.250 ]
good_site

sums right@test 20261101T000000 6.18.99 6.12.250 6.6.301
refused 'a replay: an older signed list' 'was signed on 2026-11-01, but one of 2026-11-20 has been seen: older lists are not taken'
releases '7.2.99 stable false' '6.18.99 longterm false' '6.12.150 longterm false' >"$site/releases.json"
sums right@test 20261121T000000 6.18.99 6.12.150
refused 'a replay: an older release' 'has 6.12.150, but 6.12.250 is known: older lists are not taken'
sums right@test 20261121T000000 6.18.99 6.12.250 6.6.301
sed -i "s/^[0-9a-f]\{8\}\(.*linux-6.12.250.tar.xz\)/00000000\1/" "$work/plain"
gpg_ --yes --faked-system-time 20261121T000000! --local-user right@test --clearsign --output "$site/pub/linux/kernel/v6.x/sha256sums.asc" "$work/plain"
refused 'another checksum of a known release' 'has another checksum'
sums right@test 20261121T000000 6.18.99 6.12.250 6.6.301
{ cat "$work/plain"; printf '%064d  linux-6.18.99.tar.xz\n' 0; } >"$work/twice"
gpg_ --yes --faked-system-time 20261121T000000! --local-user right@test --clearsign --output "$site/pub/linux/kernel/v6.x/sha256sums.asc" "$work/twice"
refused 'a release twice' "twice"

for what in releases.json v6.x/sha256sums.asc; do
  how short $what
  refused "half a download of $what" 'unable to download'
  how huge $what
  refused "an endless $what" 'it is larger than'
  how error $what
  refused "a server that is in trouble: $what" '503'
done
how cut releases.json
refused 'half a list without a length' 'no JSON, or only a part of it'
how cut v7.x/sha256sums.asc
refused 'half a signed list without a length' 'is not signed by the key that is known'
how circle
refused 'redirects in a circle' 'unable to download'
how tofile
refused 'a redirect to a file' 'unable to download'
rm "$site/pub/linux/kernel/v7.x/sha256sums.asc"
refused 'no signed list' '404'
refused 'no server' 'no server could be reached' --url http://127.0.0.1:1

hostile() { # NAME TEXT JSON
  printf '%s' "$3" >"$site/releases.json"
  refused "$1" "$2"
}
hostile 'an empty answer' 'no JSON' ''
hostile 'a login page' 'no JSON' '<html>Please log in</html>'
hostile 'an array' 'has no releases' '[]'
hostile 'no releases' 'has no releases' '{"releases": {}}'
hostile 'nothing in it' 'names no series that is kept' '{"releases": []}'
hostile 'everything has ended' 'names no series that is kept' "$(releases '7.2.99 stable true' '6.18.99 longterm true')"
hostile 'a path in place of a version' "'../../x', which is none" "$(releases '7.2.99 stable false' '../../x longterm false')"
hostile 'Nix in place of a version' 'which is none' "$(releases '7.2.99 stable false' '6.18.99"+(abort"x")+" longterm false' | sed 's/"+(abort"x")+"/${abort}/')"
hostile 'an escape sequence in a version' "6.1?[31m', which is none" '{"releases": [{"iseol": false, "moniker": "stable", "version": "6.1\u001b[31m"}]}'
hostile 'no words' 'lacks version, moniker or iseol' '{"releases": [{"iseol": "false", "moniker": 3, "version": ["6.1"]}]}'
hostile 'a number without end' 'which is none' "$(releases "6.$(printf '9%.0s' $(seq 400)) longterm false" '6.18.99 longterm false')"
hostile 'a key twice' 'no JSON' '{"releases": [], "releases": []}'
hostile 'deep' 'no JSON' "$(printf '[%.0s' $(seq 100000))"
hostile 'very many' 'or thousands' "{\"releases\": [$(yes '{},' | head -n 5000 | tr -d '\n'){}]}"
hostile 'not UTF-8' 'no JSON' "$(printf '{"releases": "\377"}')"

expect_fail 'a key that is not there' 'the key of kernel.org|No such file' update --key "$work/none.asc"
echo hello >"$work/no-key"
expect_fail 'a key that is none' 'has no PGP public key in it' update --key "$work/no-key"
expect_fail "kernel.org's own key does not fit this server" 'is not signed by the key that is known' "$kernix" kernels update --user --url "$url"
check "kernel.org's key is the one that it is" [ "$(gpg --batch --show-keys --with-colons "$KERNIX_SRC/nixpkgs/linux/kernel.org.asc" 2>/dev/null | sed -n 's/^fpr:*\([0-9A-F]*\):/\1/p')" = B8868C80BA62A1FFFAF5FDA9632D3A06589DA6B1 ]
expect_fail 'an unknown word' "unknown word 'upgrade'" "$kernix" kernels upgrade
mkdir "$work/empty"
expect_fail 'gpgv is not installed' "gpgv, which checks kernel.org's signature, is not installed" env PATH="$work/empty" "$kernix" kernels update --user --url "$url" --key "$work/key.asc"

# --- a release that is listed before its archive is signed ---
releases '7.2.99 stable false' '6.18.100 longterm false' '6.12.250 longterm false' '6.6.301 longterm true' >"$site/releases.json"
check 'an archive that is not signed yet' update
update >"$work/said" 2>&1
check 'is said' grep -q 'does not have linux-6.18.100.tar.xz yet; 6.18 is left as it was' "$work/said"
check 'and its series stays' [ "$(jq -r '.series["6.18"] | "\(.version) \(.eol)"' "$table")" = '6.18.99 false' ]
good_site

# --- a table that is damaged, or older than the package set ---
cp "$table" "$work/good.json"
for text in '{' '[]' '{"format": 2, "series": {}}' '{"format": 1, "series": {"6.12": {"version": "6.12.250", "url": "http://evil/x", "hash": "sha256-x", "lts": true, "eol": false}}}'; do
  echo "$text" >"$table"
  "$kernix" kernels >"$work/said" 2>&1
  check "a damaged table is left out with a warning: $text" grep -q 'it is left out' "$work/said"
done
# A FIFO, of the user or of another system, is not waited for.
mkdir -p "$work/other/etc/kernix"
mkfifo "$work/other/etc/kernix/kernels.json"
timeout 20 "$kernix" kernels update --root "$work/other" >"$work/said" 2>&1
check 'update --root: a FIFO is no table' grep -q 'kernels.json. is not a regular file' "$work/said"
rm -r "$work/other" "$table"
mkfifo "$table"
timeout 20 "$kernix" kernels >"$work/said" 2>&1
check 'a FIFO is left out with a warning' grep -q 'kernels.json. is not a regular file; it is left out' "$work/said"
rm "$table"
echo '{' >"$table"
check 'evaluation names the file' grep -q "kernels.json" <(eval_ --show-trace)
check 'update writes it anew' update
jq '.series["6.12"] |= (.version = "6.12.1" | .modDirVersion = "6.12.1") | .series |= {"6.12": .["6.12"]}' "$work/good.json" >"$table"
check 'an older table does not win' [ "$(eval_ | jq -r '.[0]')" = "$(own 6.12)" ]

# --- the line of nixos-rebuild ---
cp "$work/good.json" "$table"
system() { # KERNEL
  echo "{ pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackagesFor ($1); fileSystems.\"/\" = { device = \"/dev/sda1\"; fsType = \"ext4\"; }; }" >"$work/configuration.nix"
  "$bin/nixos-rebuild" dry-build -I "nixos-config=$work/configuration.nix" >"$work/said" 2>&1
}
system pkgs.linux_6_12
check 'nothing is said of the newest' [ "$(grep -cE 'is behind|has ended' "$work/said")" = 0 ]
system 'pkgs.linux_6_12.override { argsOverride = { version = "6.12.7"; modDirVersion = "6.12.7"; }; }'
check 'one line of a release that is behind' [ "$(grep -c '^Linux 6.12.7 is behind: its series is at 6.12.250 since 2026-11-20' "$work/said")" = 1 ]
system pkgs.linux_6_6
check 'one line of a series that has ended' [ "$(grep -cE 'Linux 6.6.301: the series 6.6 has ended and gets no more fixes; kept for long is 6.18' "$work/said")" = 1 ]
system 'throw "no kernel"'
check 'an error is said once' [ "$(grep -c 'no kernel' "$work/said")" -le 2 ]
finish
