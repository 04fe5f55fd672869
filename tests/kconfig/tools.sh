#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The words of 'kernix config', each as a person uses it, on a kernel tree of a few files: check, explain, diff, compare, trim, solve; from fragments,
# from a configuration.nix in a private store, from generations of its profile. What the evaluator says about a final .config without a kernel.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/cmd/lib.sh
. tests/kconfig/mini-tree.sh
export NIX_REMOTE="local?root=$work/store" NIX_PATH=nixpkgs=$PWD/nixpkgs XDG_CACHE_HOME=$work/cache
unset NIXOS_CONFIG
tree=$work/tree
mini_tree "$tree"
config() { timeout 120 "$KERNIX_BUILD/kernix" config "$@"; }
says() { # NAME 'TEXT|TEXT...' COMMAND...: succeeds and says each
  local name=$1 texts=$2 text missing=
  shift 2
  if ! "$@" >"$work/out" 2>&1; then bad "$name" "$work/out" && return; fi
  local IFS='|'
  for text in $texts; do grep -qF -- "$text" "$work/out" || missing="$missing [$text]"; done
  if [ -z "$missing" ]; then ok "$name"; else
    echo "does not say:$missing" >>"$work/out"
    bad "$name" "$work/out"
  fi
}
json() { # NAME FILTER COMMAND...: its JSON makes the filter true
  local name=$1 filter=$2
  shift 2
  "$@" >"$work/json" 2>"$work/err"
  if jq -e "$filter" "$work/json" >"$work/out" 2>&1; then ok "$name"; else
    cat "$work/json" "$work/err" >>"$work/out"
    bad "$name" "$work/out"
  fi
}
request() { # JSON: as a file
  printf '%s' "$1" >"$work/request.json"
  echo "$work/request.json"
}
from=(--source "$tree" --arch x86_64)

# Fragments and requests against a source.
cat >"$work/fragment" <<'X'
# what we want
CONFIG_DRIVER=y
CONFIG_DRIVRE=m
# CONFIG_LIBRARY is not set
CONFIG_USER=y
CONFIG_NUMBER=99
CONFIG_TEXT="two words"
X
printf 'CONFIG_BUS=y\n' >"$work/bus"
expect_fail "check: all failures of a fragment at once, with line, definition and Nix to paste" \
  "3 options cannot be|$work/fragment:3|names like it: DRIVER|$work/fragment:4|selected by USER [=y] at Kconfig:25|99 is out of its range: 2 to 64 (Kconfig:30)|$work/fragment:6" \
  config check "${from[@]}" --base defconfig --fragment "$work/bus" --fragment "$work/fragment"
expect_fail "check: the chain of unmet dependencies and the requests that help" \
  "DRIVER: wanted m|Kconfig:13|BUS is n, needed m or y|NET is n|NET = lib.kernel.yes;|BUS = lib.kernel.module;|MODULES = lib.kernel.yes;|solved again" \
  config check "${from[@]}" --base allnoconfig --request "$(request '{"DRIVER":"m"}')"
says "check: what holds is said" "1 of 1 options come out as asked" config check "${from[@]}" --base defconfig --request "$(request '{"DRIVER":"m"}')"
json "check --json" '.ok == false and (.failures | length) == 3 and ([.failures[] | .why] | all(. != null))' \
  config check "${from[@]}" --base defconfig --fragment "$work/bus" --fragment "$work/fragment" --json
json "check --json gives the fix" '.failures[0].fix.verified and ([.failures[0].fix.requests[].name] | sort) == ["BUS","MODULES","NET"]' \
  config check "${from[@]}" --base allnoconfig --request "$(request '{"DRIVER":"m"}')" --json
expect_fail "check: an option of another architecture" "arch/arm64/Kconfig:1" config check "${from[@]}" --base defconfig --request "$(request '{"ARM_ONLY":"y"}')"
expect_fail "check: a name that is gone, still in a defconfig" "renamed or removed|arch/arm64/configs/defconfig:1" \
  config check "${from[@]}" --base defconfig --request "$(request '{"RENAMED_AWAY":"y"}')"
expect_fail "check: a name that a help text remembers" "the help of DRIVER (Kconfig:13)" config check "${from[@]}" --base defconfig --request "$(request '{"OLD_DRIVER":"y"}')"
echo 'CONFIG DRIVER y' >"$work/bad"
expect_fail "check: a line that is none" "$work/bad:1: neither CONFIG_NAME=VALUE" config check "${from[@]}" --base defconfig --fragment "$work/bad"
expect_fail "check: no such base" "nosuch_defconfig|known names" config check "${from[@]}" --base nosuch_defconfig
expect_fail "check: no such source" "no such source tree" config check --source "$work/nothing" --base defconfig
expect_fail "check: nothing says which kernel" "--source DIR|--configuration FILE.nix" config check
refused() { # NAME TEXTS JSON
  expect_fail "$1" "$2" config check "${from[@]}" --base defconfig --request "$(request "$3")"
}
refused "a request with a key that is none" "request DRIVER: it has no key 'optionl'|Did you mean 'optional'?" '{"DRIVER":{"tristate":"m","optionl":true}}'
refused "one of a list" "request DRIVER: it has no key 'opt'|keys are value, or tristate or freeform" '[{"name":"DRIVER","value":"m","opt":1}]'
refused "a request without a value" "request DRIVER: it has no value" '[{"name":"DRIVER"}]'
refused "an object without one" "request DRIVER: it has no value" '{"DRIVER":{"optional":true}}'
says "null is no wish" "2 of 2 options" config check "${from[@]}" --base defconfig \
  --request "$(request '[{"name":"DRIVER","value":null},{"name":"NUMBER","value":9,"optional":false,"why":"me"}]')"
refused "a text of two lines" "a text of .config is one line" '{"TEXT":"one\ntwo"}'
says "a text with quotes and backslashes" 'CONFIG_TEXT="a \"b\" \\c"' config solve "${from[@]}" --base defconfig --request "$(request '{"TEXT":"a \"b\" \\c"}')"
mkfifo "$work/pipe"
cat "$work/pipe" >"$work/piped" &
reader=$!
check "solve writes into what is no file" config solve "${from[@]}" --base defconfig -o "$work/pipe"
[ -p "$work/pipe" ] || kill "$reader"
wait "$reader"
[ -p "$work/pipe" ] && grep -q '^CONFIG_NET=y' "$work/piped" && ok "and does not replace it" || bad "and does not replace it" "$work/piped"
expect_fail "solve takes no words" "solve takes no words, and 'extra' is one" config solve extra "${from[@]}" --base defconfig
printf 'CONFIG_BUS=y\n\n# said\ngarbage\nCONFIG_NUMBER=x\n' >"$work/f.cfg"
printf 'CONFIG_BUS=m\nmore garbage' >"$work/g.cfg"
for base in defconfig allnoconfig; do
  says "$base: a fragment's line is warned of by its own place" "$work/f.cfg:4:warning: unexpected data: garbage|$work/f.cfg:5:warning: symbol value|$work/g.cfg:2:warning: unexpected data: more garbage" \
    config solve "${from[@]}" --base "$base" --fragment "$work/f.cfg" --fragment "$work/g.cfg"
done
expect_fail "check: requests that are no JSON" "request.json:1:" config check "${from[@]}" --base defconfig --request "$(request '{')"

# Explain.
says "explain: value, why, dependencies, ways" "DRIVER = m|Kconfig:13|the configuration says m|depends on: BUS [=m]|to get n: set it|to get y: set BUS=y" \
  config explain DRIVER "${from[@]}" --base defconfig
printf 'CONFIG_USER=y\nCONFIG_EXPERT=y\n' >"$work/user"
"$KERNIX_BUILD/kernix" config solve "${from[@]}" --base defconfig -o "$work/written" 2>/dev/null
says "explain: who selects" "LIBRARY = y|selected by USER [=y] at Kconfig:25|to get n: set USER=n" config explain CONFIG_LIBRARY "${from[@]}" --base defconfig --fragment "$work/user"
says "explain: without modules there is a way to y" "DRIVER = n|nobody asked for it|to get y: set NET=y BUS=y, then it|XFS_FS = n|to get y: set it" config explain DRIVER XFS_FS "${from[@]}" --base allnoconfig
says "explain: a default is nobody's wish" "NUMBER = 8|why: its default: 8 (Kconfig:31)" config explain NUMBER "${from[@]}" --base "$work/written"
says "explain: members of a choice" "its members: SPEED_100 [=y], SPEED_250 [=n]|why: it is the choice's default|to get n: set it" config explain SPEED_100 "${from[@]}" --base defconfig
cp -r "$tree" "$work/probing"
printf 'config CC_IS_CLANG\n\tdef_bool $(shell,test "$(CC)" = clang && echo y || echo n)\nconfig CFI\n\tbool "cfi"\n\tdepends on CC_IS_CLANG\n' >>"$work/probing/Kconfig"
mkdir -p "$work/probing/scripts"
printf 'case "$1" in\nllvm)\n\techo 17.0.1\n\t;;\nesac\n' >"$work/probing/scripts/min-tool-version.sh"
says "explain: a test that failed, and the tool" "CFI = n|to get y: impossible, whatever is set:|CC_IS_CLANG is never y; what decides is a test: \$(shell,test|it takes clang and LLVM's tools (make LLVM=1) 17.0.1 or newer, the compiler here is " \
  config explain CFI --source "$work/probing" --arch x86_64 --base defconfig
json "explain --json, two symbols" 'length == 2 and .[0].name == "NUMBER" and .[0].value == "8" and .[1].ways.n == []' \
  config explain NUMBER SPECIAL "${from[@]}" --base defconfig --fragment "$work/user" --json
json "explain --json: who asks" '.requests[0].value == "y" and .value == "y"' config explain DRIVER "${from[@]}" --base defconfig --request "$(request '{"DRIVER":"y","BUS":"y"}')" --json
expect_fail "explain: small letters" "names like it: DRIVER" config explain driver "${from[@]}" --base defconfig
expect_fail "a word that is none" "'expalin' is not a word|Did you mean 'explain'?|kernix config --help" config expalin DRIVER
cp -r "$tree" "$work/power"
mkdir -p "$work/power/arch/powerpc/configs"
echo 'KBUILD_DEFCONFIG := $(if $(filter ppc%,$(uname)),$(uname),ppc64le)_defconfig' >"$work/power/arch/powerpc/Makefile"
cp "$tree/arch/x86/Kconfig" "$work/power/arch/powerpc/" 2>/dev/null || touch "$work/power/arch/powerpc/Kconfig"
echo 'CONFIG_NUMBER=5' >"$work/power/arch/powerpc/configs/ppc64_defconfig"
echo 'CONFIG_NUMBER=7' >"$work/power/arch/powerpc/configs/le.config"
says "powerpc's default is merged from two files" "CONFIG_NUMBER=7" config solve --source "$work/power" --arch powerpc --base defconfig
echo nothing >"$work/nothing"
expect_fail "diff: a file that is no .config" "nothing is no .config" config diff "$work/nothing" "$work/nothing"
expect_fail "an architecture by another name" "no arch/aarch64|Linux calls it arm64" config explain --source "$tree" --arch aarch64 --base defconfig DRIVER
expect_fail "explain: a name that is none" "DRIVRE|names like it: DRIVER" config explain DRIVRE "${from[@]}" --base defconfig
expect_fail "explain: no name" "which symbol" config explain "${from[@]}" --base defconfig

# Fixes take as little away as goes.
cp -r "$tree" "$work/weights"
cat >>"$work/weights/Kconfig" <<'X'
config WEB
	bool "everything"
	default y
if WEB
config WEB_A
	bool "a"
	default y
config WEB_B
	bool "b"
	default y
config WEB_C
	bool "c"
	depends on WEB_A || WEB_Z
	default y
config WEB_Z
	bool "z"
config WEB_D
	bool "d"
	default y
config WEB_E
	bool "e"
	depends on WEB_D
	default y
config FILTER_4
	bool "four"
	default y
	select TABLES
config FILTER_6
	bool "six"
	default y
	select TABLES
endif
config TABLES
	bool "tables"
config REALTIME
	bool "real time"
config GRAPHICS
	bool "graphics"
	depends on !REALTIME
	default y
	select SCREEN
config PRINTER
	bool "printer"
	depends on !REALTIME
	default y
config GAMES
	bool "games"
	depends on PRINTER
	default y
config SCREEN
	bool "screen"
config PARTS
	bool "parts"
config ONE
	bool "one"
	select CORE
	depends on PARTS
config OTHER
	bool "other"
	select CORE
	depends on PARTS
config CORE
	bool
config ON_CORE
	bool "on core"
	depends on CORE
config IN_1
	bool "in 1"
	depends on CORE
config IN_2
	bool "in 2"
	depends on CORE && NET
config IN_3
	bool "in 3"
	depends on CORE && BUS
config CORES
	int "cores" if NET && !EXPERT
	range 1 64
	default 1 if !NET
	default 64
config TICKS
	int
	default 100 if SPEED_100
	default 250
choice
	prompt "model"
config MODEL_PLAIN
	bool "plain"
config MODEL_LIVE
	bool "live"
	depends on EXPERT
endchoice
config SHOWN
	bool "shown" if EXPERT
	default NET
X
weights=(--source "$work/weights" --arch x86_64)
expect_fail "a fix turns off what selects, not what half of the tree depends on" "FILTER_4 = lib.kernel.no;|FILTER_6 = lib.kernel.no;" \
  config what-if TABLES=n "${weights[@]}" --base defconfig
grep -q 'WEB = ' "$work/out" && bad "and nothing else" "$work/out" || ok "and nothing else"
expect_fail "nor does it turn on what others cannot be beside" "GRAPHICS = lib.kernel.no;" config what-if SCREEN=n "${weights[@]}" --base defconfig
says "explain says the same" "to get n: set FILTER_4=n FILTER_6=n" config explain TABLES "${weights[@]}" --base defconfig
json "a fix has no item that the others make needless" '([.fix.requests[].name] | sort) == ["BUS","NET","PARTS"]' config check "${weights[@]}" --base allnoconfig \
  --request "$(request '{"ON_CORE":"y","IN_1":"y","IN_2":"y","IN_3":"y","ONE":"y"}')" --json

# What excludes each other: numbers, too, and the condition is named.
check_weights() { config check "${weights[@]}" --base defconfig --request "$(request "$1")"; }
expect_fail "a number that an option fixes" "CORES=16 and NET=n exclude each other:|CORES can be set only if NET && !EXPERT (Kconfig:|, and no default that counts is 16" \
  check_weights '{"NET":"n","CORES":16}'
expect_fail "a number that an option hides" "CORES=16 and EXPERT=y exclude each other:" check_weights '{"EXPERT":"y","CORES":"16"}'
says "what a default gives is possible" "2 of 2 options" check_weights '{"NET":"n","CORES":1}'
expect_fail "a number that a choice gives" "TICKS=250 and SPEED_100=y exclude each other:|TICKS has no prompt" check_weights '{"TICKS":250,"SPEED_100":"y"}'
expect_fail "and that another member gives" "SPEED_250 = lib.kernel.yes" check_weights '{"TICKS":250}'
expect_fail "a number that nothing gives" "TICKS=3 is impossible, whatever else is set" check_weights '{"TICKS":3}'
expect_fail "a member of a choice: its dependency is named" "MODEL_LIVE=y and EXPERT=n exclude each other:|MODEL_LIVE can be set only if EXPERT (Kconfig:" \
  check_weights '{"MODEL_LIVE":"y","EXPERT":"n"}'
expect_fail "a prompt's own condition is named" "SHOWN can be set only if EXPERT (Kconfig:|and nothing else turns it on" check_weights '{"SHOWN":"y","EXPERT":"n","NET":"n"}'

# Solve, diff, compare.
check "solve" config solve "${from[@]}" --base defconfig -o "$work/a"
check "solve with a request" config solve "${from[@]}" --base defconfig --request "$(request '{"DRIVER":"n","SPEED_250":"y"}')" -o "$work/b"
says "diff of two files" " DRIVER m -> n| SPEED_250 n -> y" config diff "$work/a" "$work/b"
gzip -k "$work/b"
json "diff --json of a packed one" '(.differences | map(.name)) == ["DRIVER","SPEED_100","SPEED_250"]' config diff "$work/a" "$work/b.gz" --json
mkdir "$work/kbuild" && cp "$work/b" "$work/kbuild/.config"
says "diff of a build folder and standard input" " DRIVER n -> m" bash -c "'$KERNIX_BUILD/kernix' config diff '$work/kbuild' - <'$work/a'"
expect_fail "diff: one word" "two configurations, not 1" config diff "$work/a"
expect_fail "diff: what is nothing" "neither a file or folder, a URL, a generation" config diff "$work/a" no/such
expect_fail "diff: a generation that is not there" "generation 7|system-7-link" config diff "$work/a" 7
says "compare: all that differs" "differ (here -> there)| DRIVER m -> n| SPEED_250 n -> y" config compare "$work/b" "${from[@]}" --base defconfig
says "compare: what was asked for, several side by side" "1: $work/a|2: file://$work/b.gz|DRIVER                             y          m          n" \
  config compare "$work/a" "file://$work/b.gz" "${from[@]}" --base defconfig --request "$(request '{"DRIVER":"y","BUS":"y"}')"
if grep -q SPEED "$work/out"; then bad "compare shows what nobody asked for" "$work/out"; else ok "and nothing else"; fi
json "compare --json" '.[] | .differences | length == 3' config compare "$work/b" "${from[@]}" --base defconfig --json
expect_fail "compare: a URL that gives nothing" "127.0.0.1:9" config compare http://127.0.0.1:9/config "${from[@]}" --base defconfig

# Trim.
printf 'Module                  Size  Used by\nthe_driver 16384 1\nthebus 4096 1 the_driver\n' >"$work/lsmod"
expect_fail "check: optional failures have a heading of their own" '1 option cannot be as asked:|optional ones that do not come out as asked, which stops nothing:|NOPE: wanted y, got no such option (optional)' \
  config check "${from[@]}" --base allnoconfig --request "$(request '[{"name":"NOPE","value":"y","optional":true},{"name":"DRIVER","value":"y"}]')"
cp "$work/out" "$work/said"
check "check: below those that count" sh -c "sed -n '/DRIVER: wanted/,\$p' '$work/said' | grep -q 'optional ones'"
says "trim by lsmod" "SECOND = lib.kernel.no|XFS_FS = lib.kernel.no" config trim "${from[@]}" --base defconfig --modules "$work/lsmod"
if grep -q 'DRIVER = ' "$work/out"; then bad "trim takes what is loaded" "$work/out"; else ok "what is loaded stays"; fi
printf 'alias pci:v00008086d0000100Esv*sd*bc*sc*i* the-driver\nalias pci:v*d*sv*sd*bc01sc06i01* second\nalias usb:v046Dp*d*dc*dsc*dp*ic*isc*ip*in* xfs\n' >"$work/aliases"
printf 'acpi:PNP0A08:PNP0A03:\npci:v00008086d0000100Esv00001AF4sd00001100bc02sc00i00\n' >"$work/modaliases"
json "trim by modaliases; what it needs stays" '.go == ["SECOND","XFS_FS"] and .stay.BUS == "needed by DRIVER"' \
  config trim "${from[@]}" --base defconfig --hardware "$work/modaliases" --aliases "$work/aliases" --json
printf '00:00.0 0600: 8086:1237 (rev 02)\n00:1f.2 0106: 8086:2922 (rev 02)\n' >"$work/lspci"
json "trim by lspci -n" '.go == ["DRIVER","XFS_FS"]' config trim "${from[@]}" --base defconfig --hardware "$work/lspci" --aliases "$work/aliases" --json
printf 'Bus 001 Device 002: ID 046d:c077 Logitech, Inc. Mouse\n' >"$work/lsusb"
json "trim by lsusb; a request stays and says who asks" '.go == ["SECOND"] and .stay.DRIVER == "asked for by me"' \
  config trim "${from[@]}" --base defconfig --hardware "$work/lsusb" --aliases "$work/aliases" --request "$(request '[{"name":"DRIVER","value":"m","why":"me"}]')" --json
expect_fail "trim: a report that is none" "line 2 is neither a modalias" config trim "${from[@]}" --base defconfig --hardware "$work/fragment" --aliases "$work/aliases"
expect_fail "trim: a list that is none" "no name of a module" config trim "${from[@]}" --base defconfig --modules "$work/modaliases"

# A configuration.nix, in a private store; nothing is compiled.
mini_configuration "$tree" >"$work/configuration.nix"
says "check of a configuration.nix" "3 of 3 options come out as asked" config check "$work/configuration.nix"
says "explain with it" "asked for: 12 by kernel patch 'mine' (structuredExtraConfig), $work/configuration.nix:13" config explain NUMBER --configuration "$work/configuration.nix"
echo '# no aliases' >"$work/no-aliases"
json "trim with it: what it names stays" '.go == ["SECOND"] and (.stay | keys) == ["BUS","DRIVER","XFS_FS"]' \
  config trim "$work/configuration.nix" --hardware "$work/modaliases" --aliases "$work/no-aliases" --json
sed -e 's/SPEED_250 = yes/SPEED_205 = yes/; s/"12"/"1"/; s/USER y/USRE y/' "$work/configuration.nix" >"$work/wrong.nix"
expect_fail "check of a wrong one: all at once, with places" \
  "3 options cannot be|$work/wrong.nix:12|$work/wrong.nix:13|extraConfig), $work/wrong.nix:15|SPEED_250|names like it: USER" config check "$work/wrong.nix"
expect_fail "check of one that is not there" "no such file" config check "$work/none.nix"
echo '{ x = y; }' >"$work/bad.nix"
expect_fail "check of one that does not evaluate" "undefined variable" config check "$work/bad.nix"

# The evaluator's answers, without a kernel.
no_kernel() { # NAME
  if find "$work/store/nix/store" -maxdepth 1 -name '*-linux-6.12.1' | grep -q .; then bad "$1: a kernel was built"; else ok "$1: no kernel was built"; fi
}
eval_nix() {
  timeout 120 "$bin/nix-instantiate" --eval --strict -E \
    "let c = (import <nixpkgs/nixos> { configuration = $work/configuration.nix; }).config; k = c.boot.kernelPackages.kernel.config; in $1"
}
says "isYes, isModule, isEnabled, isNo, isSet, getValue of the final .config" '[ true false true true true false true false "12" "none" null ]' eval_nix \
  '[ (k.isYes "SPEED_250") (k.isYes "DRIVER") (k.isModule "DRIVER") (k.isEnabled "DRIVER") (k.isNo "SPEED_100") (k.isSet "EXPERT") (k.isSet "NUMBER")
     (k.isEnabled "EXPERT") (k.getValue "NUMBER") (k.getValue "TEXT") (k.getValue "NO_SUCH") ]'
no_kernel "kernel.config"
need() { # CONDITIONS...: what the configuration requires
  sed "s/#here/system.requiredKernelConfig = with config.lib.kernelConfig; [ $1 ];/" "$work/configuration.nix" >"$work/need.nix"
}
build() { timeout 300 "$bin/nix-build" '<nixpkgs/nixos>' -A "$1" -I "nixos-config=$work/need.nix" --no-out-link; }
need '(isYes "SPEED_250") (isModule "DRIVER") (isEnabled "USER") (isNo "EXPERT")'
check "system.requiredKernelConfig that holds" build config.system.build.requiredKernelConfig
need '(isYes "EXPERT") (isNo "DRIVER")'
expect_fail "one that does not hold: both conditions are named" "CONFIG_EXPERT is not yes!|CONFIG_DRIVER is not no!" build system
no_kernel "system.requiredKernelConfig"

# Generations: a system has a link to its kernel, beside which the .config lies.
configfile=$(timeout 120 "$bin/nix-build" '<nixpkgs/nixos>' -A config.boot.kernelPackages.kernel.configfile -I "nixos-config=$work/configuration.nix" --no-out-link 2>"$work/err")
for n in 1 2; do
  mkdir -p "$work/store/nix/store/system-$n" "$work/store/nix/var/nix/profiles" "$work/store/nix/store/kernel-$n"
  ln -s "/nix/store/kernel-$n/bzImage" "$work/store/nix/store/system-$n/kernel"
  touch "$work/store/nix/store/kernel-$n/bzImage"
  ln -s "/nix/store/system-$n" "$work/store/nix/var/nix/profiles/system-$n-link"
done
cp "$work/store$configfile" "$work/store/nix/store/kernel-1/config"
cp "$work/a" "$work/store/nix/store/kernel-2/config"
says "diff of two generations" " NUMBER 12 -> 8| SPEED_250 y -> n| USER y -> n" config diff 1 2
says "diff of a profile's link and a path in the store" " NUMBER 8 -> 12" config diff "$work/store/nix/var/nix/profiles/system-2-link" "$configfile"

# A compiler that is killed says nothing: the question is asked once more, an answer that is none is not kept.
probes=$work/probe-tree
mkdir -p "$probes/arch/x86" "$work/bin"
cp "$tree/Makefile" "$probes/Makefile"
cat >"$probes/Kconfig" <<'X'
success = $(shell,{ $(1); } >/dev/null 2>&1 && echo y || echo n)
config CC_WORKS
	def_bool $(success,$(CC) -c -x c /dev/null -o /dev/null)
config CC_REFUSES
	def_bool $(success,$(CC) --no-such-flag -c -x c /dev/null -o /dev/null)
X
cat >"$work/bin/dying-gcc" <<X
#!/bin/sh
[ "\$(cat $work/deaths)" -gt 0 ] || exec gcc "\$@"
case "\$*" in *-dumpm* | *--version*) exec gcc "\$@" ;; esac
echo \$((\$(cat $work/deaths) - 1)) >$work/deaths
kill -\$(cat $work/signal) \$\$
X
chmod +x "$work/bin/dying-gcc"
dying() { # DEATHS SIGNAL: what the probes give
  echo "$1" >"$work/deaths"
  echo "$2" >"$work/signal"
  env CC="$work/bin/dying-gcc" timeout 60 "$KERNIX_BUILD/kernix" config solve --source "$probes" --arch x86_64 --base alldefconfig -o "$work/probed"
}
rm -rf "$XDG_CACHE_HOME"
dying 1 KILL >"$work/out" 2>&1 && grep -q '^CONFIG_CC_WORKS=y' "$work/probed" && ! grep -q '^CONFIG_CC_REFUSES=y' "$work/probed" &&
  ok "a compiler that is killed once is asked again" || bad "a compiler that is killed once is asked again" "$work/out"
rm -rf "$XDG_CACHE_HOME"
expect_fail "a compiler that is killed twice: no answer, and why" "was killed twice (Killed)|too little memory" dying 2 KILL
says "and nothing of it was kept" "" dying 0 KILL
grep -q '^CONFIG_CC_WORKS=y' "$work/probed" && ok "the answer is right afterwards" || bad "the answer is right afterwards" "$work/probed"
rm -rf "$XDG_CACHE_HOME"
says "a compiler that crashes by its own fault: conf's answer" "" dying 2 SEGV
grep -q '^CONFIG_CC_WORKS=y' "$work/probed" && bad "which is n" "$work/probed" || ok "which is n"
says "but it is not kept" "" dying 0 SEGV
grep -q '^CONFIG_CC_WORKS=y' "$work/probed" && ok "asked again another time" || bad "asked again another time" "$work/probed"
finish
