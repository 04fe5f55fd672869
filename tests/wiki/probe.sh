# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest: one line for each fact that a row looks for.
fact() { echo "FACT $1 $2"; }
fact release "$(uname -r)"
fact cmdline "$(cat /proc/cmdline)"
fact sysrq "$(cat /proc/sys/kernel/sysrq)"
fact tcp_ecn "$(cat /proc/sys/net/ipv4/tcp_ecn)"
fact max_loop "$(cat /sys/module/loop/parameters/max_loop)"
fact blinkenlights "$(modprobe usbcore; cat /sys/module/usbcore/parameters/blinkenlights)"
fact stage1 "$(cat /run/kernix/stage1-modules | tr '\n' ' ')"
fact loaded "$(cut -d' ' -f1 /proc/modules | tr '\n' ' ')"
modprobe acpi_call && fact acpi_call "$([ -e /proc/acpi/call ] && echo there)"
modprobe hello
fact hello "$(dmesg | grep -c 'hello world!')"
modprobe -r hello
fact bye "$(dmesg | grep -c 'bye world!')"
modprobe ifb
fact ifb "$(dmesg | grep -c 'ifb: the replaced one')"
modprobe v4l2loopback
fact video "$(ls /dev/video0)"
fact bbswitch "$(modinfo bbswitch 2>/dev/null | grep -c vermagic || find /lib/modules/ -name 'bbswitch.ko*' | wc -l)"
fact units "$(ls /run/current-system/etc/systemd/system/multi-user.target.wants | tr '\n' ' ')"
fact end 1
