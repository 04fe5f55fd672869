# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the tests of boot entries and generations: temporary roots with a boot loader, systems that are made in a moment (nixpkgs/).
# Nothing of the machine's own /boot, /etc or /nix is touched: every command gets --root.
set -u
: "${KERNIX_SRC:=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}" "${KERNIX_BUILD:=$KERNIX_SRC/build}"
export KERNIX_SRC KERNIX_BUILD
source "$KERNIX_SRC/tests/cmd/lib.sh"
export NIX_PATH=nixpkgs=$KERNIX_SRC/tests/boot/nixpkgs HOME=$work NIX_CONF_DIR=$work/conf
unset NIX_REMOTE NIXOS_CONFIG NIX_PROFILE
mkdir -p "$work/conf"
printf 'build-users-group =\nsubstitute = false\nsandbox = false\n' >"$work/conf/nix.conf"
R=$work/root profiles=$work/root/nix/var/nix/profiles system=$work/root/nix/var/nix/profiles/system

new_root() { # LOADER: a fresh root with it
  chmod -R u+w "$R" 2>/dev/null
  rm -rf "$R"
  mkdir -p "$R/boot" "$R/etc"
  case $1 in
    grub)
      mkdir -p "$R/boot/grub"
      printf 'set default="0"\nmenuentry "host" { true }\nif [ -f $prefix/custom.cfg ]; then source $prefix/custom.cfg; fi\n' >"$R/boot/grub/grub.cfg"
      ;;
    systemd-boot)
      mkdir -p "$R/boot/loader/entries" "$R/boot/EFI/systemd"
      printf 'timeout 3\ndefault debian-*\nconsole-mode max\n' >"$R/boot/loader/loader.conf"
      printf 'title Debian\nlinux /vmlinuz\n' >"$R/boot/loader/entries/debian-1.conf"
      ;;
    extlinux-adv) # EXTLINUX itself, whose file ends with two sectors for notes
      mkdir -p "$R/boot/extlinux"
      printf 'TIMEOUT 30\nDEFAULT l0\nLABEL l0\n\tLINUX /vmlinuz\n' >"$R/boot/extlinux/extlinux.conf"
      { head -c 3000 /bin/true && empty_notes && empty_notes; } >"$R/boot/extlinux/ldlinux.sys"
      ;;
    extlinux)
      mkdir -p "$R/boot/extlinux"
      printf 'TIMEOUT 30\nDEFAULT l0\nLABEL l0\n\tLINUX /vmlinuz\n' >"$R/boot/extlinux/extlinux.conf"
      ;;
  esac
}
configuration() { printf '%s\n' "$1" >"$work/configuration.nix"; } # NIX
rebuild() { timeout 120 "$bin/nixos-rebuild" "$@" --root "$R" -I nixos-config="$work/configuration.nix"; }
kboot() { timeout 60 "$KERNIX_BUILD/kernix" boot "$@" --root "$R"; }
env_() { timeout 60 "$bin/nix-env" "$@"; }
generation() { readlink "$profiles/system-$1-link"; } # N: its toplevel
has() { grep -qE -- "$2" "$1"; }                      # FILE PATTERN
hasnt() { ! has "$@"; }
says() { # PATTERN COMMAND...: succeeds and says it
  local pattern=$1
  shift
  "$@" >"$work/said" 2>&1 && has "$work/said" "$pattern" || { cat "$work/said"; return 1; }
}
is() { [ "$1" = "$2" ] || { echo "is '$1', should be '$2'"; return 1; }; }

# The loader's own rules, in a few lines of shell: which generation starts when the machine is turned on, and what the loader writes.
start_grub() {
  local env=$R/boot/kernix/grubenv normal try tries
  normal=$(sed -n 's/^kernix_default=//p' "$env") try=$(sed -n 's/^kernix_try=//p' "$env") tries=$(sed -n 's/^kernix_tries=//p' "$env")
  if [ -n "$try" ] && [ "$tries" != 0 ]; then
    sed -i "s/^kernix_tries=.*/kernix_tries=$((tries - 1))/" "$env"
    normal=$try
  fi
  # A default that is not at the top of the menu is not found.
  if [ -n "$normal" ] && ! sed '/^submenu/,$d' "$R/boot/kernix/grub.cfg" | grep -q -- "--id '$normal'"; then normal=missing; fi
  echo "${normal:-host}"
}
start_systemd() { # entries with tries left or without a count first, by sort-key; used up ones last
  local dir=$R/boot/loader/entries file key bad best='' base left
  if grep -q '^default' "$R/boot/loader/loader.conf"; then echo host; return; fi
  for file in "$dir"/*.conf; do
    key=$(sed -n 's/^sort-key //p' "$file") bad=0
    case $file in *+0*.conf) bad=1 ;; esac
    printf '%s %s %s\n' "$bad" "${key:-zz}" "$(basename "$file" .conf)"
  done | LC_ALL=C sort | head -n 1 >"$work/best"
  read -r bad key best <"$work/best"
  case $best in kernix-*) ;; *) echo host; return ;; esac
  case $best in
    *+*)
      base=${best%%+*} left=${best#*+} left=${left%%-*}
      mv "$dir/$best.conf" "$dir/$base+$((left - 1))-1.conf"
      ;;
  esac
  echo "${best%%+*}"
}
# A sector of EXTLINUX's without a note, as `extlinux --install` and the loader itself write it.
empty_notes() { printf '\xa5\x2f\x2d\x5a\x67\x17\x04\xa3' && head -c 500 /dev/zero && printf '\x64\xbf\x28\xdd'; }
start_extlinux() { # the command for the next start is taken out of both copies before it is obeyed
  local file=$R/boot/extlinux/ldlinux.sys conf=$R/boot/extlinux/extlinux.conf once
  once=$(tail -c 1014 "$file" | head -c 100 | tr -d '\0')
  if [ "$(tail -c 1016 "$file" | head -c 1 | od -An -tu1 | tr -d ' ')" = 1 ] && [ -n "$once" ]; then
    { head -c -1024 "$file" && empty_notes && empty_notes; } >"$file.new" && mv "$file.new" "$file"
  else
    once=$(sed -n 's/^DEFAULT //p' "$conf" | head -n 1)
  fi
  grep -q "^LABEL $once\$" "$conf" || once=missing
  case $once in l0) echo host ;; *) echo "$once" ;; esac
}
