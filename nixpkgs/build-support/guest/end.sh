#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Ends a guest: reboot, poweroff and halt. QEMU is started with -no-reboot, so a reboot ends it also where the kernel has no
# ACPI and a power-off would only stop the processor.
sync
case ${0##*/} in
reboot) exec "${0%/*}/busybox" reboot -f ;;
*) if [ -d /sys/firmware/acpi ]; then exec "${0%/*}/busybox" poweroff -f; else exec "${0%/*}/busybox" reboot -f; fi ;;
esac
