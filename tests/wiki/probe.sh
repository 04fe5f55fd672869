# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest: one line for each fact that a row looks for.
fact() { echo "FACT $1 $2"; }
said() { dmesg | grep -c "$1"; }
fact release "$(uname -r)"
fact cmdline "$(cat /proc/cmdline)"
fact cubic "$(cat /sys/module/tcp_cubic/parameters/fast_convergence)"
fact sysrq "$(cat /proc/sys/kernel/sysrq)"
fact tcp_ecn "$(cat /proc/sys/net/ipv4/tcp_ecn)"
fact max_loop "$(cat /sys/module/loop/parameters/max_loop)"
fact blinkenlights "$(modprobe usbcore; cat /sys/module/usbcore/parameters/blinkenlights)"
fact stage1 "$(cat /run/kernix/stage1-modules | tr '\n' ' ')"
fact stage2 "$(cat /run/kernix/stage2-modules | tr '\n' ' ')"
fact loaded "$(cut -d' ' -f1 /proc/modules | tr '\n' ' ')"

modprobe acpi_call && fact acpi_call "$([ -e /proc/acpi/call ] && echo there)"
fact bbswitch "$(modinfo bbswitch 2>/dev/null | grep '^vermagic:' | cut -d: -f2)"

modprobe v4l2loopback && fact video "$(ls /dev/video0)"
modprobe -r v4l2loopback && fact video-gone "$(lsmod | grep -c v4l2loopback)"

insmod /etc/hello.ko && fact hello "$(dmesg | grep 'hello world!')"
rmmod hello && fact bye "$(dmesg | grep 'bye world!')"

modprobe ifb && fact ifb "$(said 'ifb: the patched one')"

fact units "$(cd /run/current-system/etc/systemd/system && ls ./*.wants | tr '\n' ' ')"
fact earlyoom "$(grep ExecStart /run/current-system/etc/systemd/system/earlyoom.service)"

# A key on the guest's keyboard: whoever reads the console presses Alt+SysRq+h now.
fact press h
for _ in $(seq 60); do
  if dmesg | grep -q 'sysrq: HELP'; then break; fi
  sleep 0.5
done
fact sysrq-key "$(dmesg | grep 'sysrq: HELP' | head -n 1)"
fact end 1
