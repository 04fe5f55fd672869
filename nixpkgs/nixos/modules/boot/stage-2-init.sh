#!@shell@
# SPDX-License-Identifier: GPL-2.0-or-later
# Stage 2: runs as process 1 in the mounted root. @systemConfig@ is the system that was booted.
system=@systemConfig@
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

say() { echo "stage 2: $*"; }
mounted() { grep -q " $1 " /proc/mounts 2>/dev/null; }

mkdir -p /proc /sys /dev /run /tmp
mounted /proc || mount -t proc proc /proc
mounted /sys || mount -t sysfs sysfs /sys
mounted /dev || mount -t devtmpfs devtmpfs /dev
mounted /run || mount -t tmpfs -o mode=0755,nosuid,nodev tmpfs /run
ln -sfn "$system" /run/booted-system
ln -sfn "$system" /run/current-system

# The modules of this generation, under the name that modprobe looks for.
if [ -n "@modulesTree@" ] && [ -d "@modulesTree@/lib/modules" ]; then
    release=$(uname -r)
    if [ -d "@modulesTree@/lib/modules/$release" ]; then
        mkdir -p /lib/modules
        if [ ! -e "/lib/modules/$release" ] || [ -L "/lib/modules/$release" ]; then
            ln -sfn "@modulesTree@/lib/modules/$release" "/lib/modules/$release"
        fi
    else
        say "this system's modules are not those of the running kernel $release"
    fi
fi
# Firmware of this generation (hardware.firmware): the kernel looks there first, then where the distribution has its own.
firmware=$(readlink -f "$system/firmware" 2>/dev/null)
if [ -d "$firmware" ] && [ -w /sys/module/firmware_class/parameters/path ]; then
    printf %s "$firmware" >/sys/module/firmware_class/parameters/path || say "the kernel does not take the firmware in $firmware"
fi
if [ -d "$system/etc/modprobe.d" ]; then
    mkdir -p /run/modprobe.d
    for file in "$system"/etc/modprobe.d/*.conf; do
        name=${file##*/}
        [ "$name" != nixos.conf ] || name=kernix.conf
        [ ! -e "$file" ] || ln -sfn "$file" "/run/modprobe.d/$name"
    done
fi
# Rules of this generation, for the udev that follows; those of the same name in /etc win.
if [ -d "$system/etc/udev/rules.d" ]; then
    mkdir -p /run/udev/rules.d
    for file in "$system"/etc/udev/rules.d/*.rules; do
        [ ! -e "$file" ] || ln -sfn "$file" "/run/udev/rules.d/${file##*/}" || say "cannot add ${file##*/}"
    done
fi
# What `nixos-rebuild switch` put into /etc is from the generation that it made; it follows the one that is booted.
for name in modprobe.d/nixos.conf modules-load.d/nixos.conf sysctl.d/60-nixos.conf; do
    ours=/etc/${name%nixos.conf}kernix.conf
    [ -e "$ours" ] && [ -e "$system/etc/$name" ] || continue
    cat "$system/etc/$name" 2>/dev/null >"$ours.new" && mv "$ours.new" "$ours" || say "cannot bring $ours up to date"
done
if [ -f "$system/etc/modules-load.d/nixos.conf" ]; then
    while read -r module rest; do
        case $module in "" | "#"* | ";"*) continue ;; esac
        modprobe "$module" || say "cannot load the module $module"
    done <"$system/etc/modules-load.d/nixos.conf"
fi
if [ -f "$system/etc/sysctl.d/60-nixos.conf" ]; then
    while IFS='=' read -r key value; do
        case $key in "" | "#"*) continue ;; esac
        path=/proc/sys/$(echo "$key" | tr ./ /.)
        echo "$value" >"$path" 2>/dev/null || say "cannot set $key"
    done <"$system/etc/sysctl.d/60-nixos.conf"
fi
# The units of this generation, for a systemd that follows. /etc/systemd stays the administrator's, and wins.
units=$(readlink -f "$system/etc")/systemd/system
case $(readlink -f "@command@") in
*/systemd)
    for unit in "$units"/* "$units"/*/*; do
        [ -L "$unit" ] || [ -f "$unit" ] || continue
        name=/run/systemd/system/${unit#"$units"/}
        mkdir -p "${name%/*}" && ln -sfn "$unit" "$name" || say "cannot add the unit $name"
    done
    ;;
esac

@postBootCommands@

exec @command@ "$@"
