// SPDX-License-Identifier: GPL-2.0-or-later
// hardware-configuration.nix: what is known of a machine in the shapes of NixOS's options. Whatever the
// machine's files say, it is one expression that evaluates: texts are quoted, and comments end with their
// line.

#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "cmd/generate.h"
#include "expr/print.h"

void generate_string(struct buf *b, const char *s)
{
	print_string(s, strlen(s), b);
}

static void add_list(struct buf *b, const char *name, char *const *words)
{
	buf_addf(b, "  %s = [", name);
	strv_for_each (word, words) {
		buf_addc(b, ' ');
		generate_string(b, word);
	}
	buf_adds(b, " ];\n");
}

static void add_file_system(struct buf *b, const struct machine_mount *m)
{
	buf_adds(b, "\n  fileSystems.");
	generate_string(b, m->where);
	buf_adds(b, " = {\n    device = ");
	generate_string(b, m->device);
	buf_adds(b, ";\n    fsType = ");
	generate_string(b, m->type);
	buf_adds(b, ";\n");
	if (m->options) {
		buf_adds(b, "  ");
		add_list(b, "options", m->options);
	}
	buf_adds(b, "  };\n");
}

static void add_line(struct buf *b, const char *option, const char *value)
{
	buf_addf(b, "  %s = ", option);
	generate_string(b, value);
	buf_adds(b, ";\n");
}

// A comment ends at the end of its line, and Nix takes a carriage return for one, too.
static void add_comment(struct buf *b, const char *text)
{
	buf_adds(b, "  # ");
	for (; *text; text++)
		buf_addc(b, (unsigned char)*text < ' ' || *text == 127 ? '?' : *text);
	buf_addc(b, '\n');
}

static void add_swap(struct buf *b, const struct machine *m)
{
	buf_adds(b, "\n  swapDevices = [");
	strv_for_each (swap, m->swaps) {
		buf_adds(b, " { device = ");
		generate_string(b, swap);
		buf_adds(b, "; }");
	}
	buf_adds(b, " ];\n");
	if (m->zram)
		add_comment(b, "Swap in compressed memory is set up by the distribution; zramSwap.enable = "
		               "true; would "
		               "do it here.");
	if (m->resume)
		add_line(b, "boot.resumeDevice", m->resume);
	if (m->resume && m->resume_offset)
		buf_addf(b, "  boot.kernelParams = [ \"resume_offset=%s\" ];\n", m->resume_offset);
}

static void add_storage(struct buf *b, const struct machine *m)
{
	for (size_t i = 0; i < m->luks_count; i++) {
		buf_adds(b, "\n  boot.initrd.luks.devices.");
		generate_string(b, m->luks[i].name);
		buf_adds(b, ".device = ");
		generate_string(b, m->luks[i].device);
		buf_adds(b, ";\n");
	}
	if (m->lvm)
		buf_adds(b, "\n  # A file system lies on a logical volume.\n  "
		            "boot.initrd.services.lvm.enable = true;\n");
	if (m->raid)
		buf_adds(b, "\n  # A file system lies on a RAID array.\n  boot.swraid.enable = true;\n");
	for (size_t i = 0; i < m->mount_count; i++)
		add_file_system(b, &m->mounts[i]);
	if (m->host_id) {
		buf_adds(b, "\n  # The machine whose ZFS pools these are.\n");
		add_line(b, "networking.hostId", m->host_id);
	}
	add_swap(b, m);
}

static bool has_mount(const struct machine *m, const char *where)
{
	for (size_t i = 0; i < m->mount_count; i++)
		if (str_eq(m->mounts[i].where, where))
			return true;
	return false;
}

// The boot loader that is there; kernix adds entries to it and installs none.
static void add_loader(struct buf *b, const struct machine *m)
{
	bool efi = str_eq(m->interface, "uefi");

	buf_addc(b, '\n');
	if (!m->loader) {
		if (has_mount(m, "/"))
			add_comment(b, "No boot loader was found here that entries can be added to (GRUB, "
			               "systemd-boot, extlinux), or several.");
		return;
	}
	if (str_eq(m->loader, "systemd-boot")) {
		buf_adds(b, "  boot.loader.systemd-boot.enable = lib.mkDefault true;\n");
	} else if (str_eq(m->loader, "extlinux")) {
		buf_adds(b, "  boot.loader.grub.enable = lib.mkDefault false;\n"
		            "  boot.loader.generic-extlinux-compatible.enable = lib.mkDefault true;\n");
	} else {
		buf_adds(b, "  boot.loader.grub.enable = lib.mkDefault true;\n"
		            "  boot.loader.grub.device = lib.mkDefault ");
		generate_string(b, !efi && m->boot_disk ? m->boot_disk : "nodev");
		buf_adds(b, ";\n");
		if (efi)
			buf_adds(b, "  boot.loader.grub.efiSupport = lib.mkDefault true;\n");
	}
	if (efi && m->esp)
		add_line(b, "boot.loader.efi.efiSysMountPoint", m->esp);
	if (m->secure_boot > 0)
		add_comment(b, "Secure Boot is on: the firmware starts only kernels that are signed with a "
		               "key that it "
		               "knows.");
}

static void add_firmware(struct buf *b, const struct machine *m)
{
	bool any = m->firmware != NULL;
	_cleanup_strv_ char **drivers = NULL;

	for (size_t i = 0; i < m->device_count; i++) {
		const struct machine_device *d = &m->devices[i];
		if (!d->firmware || strv_has(drivers, d->driver ? d->driver : ""))
			continue;
		_cleanup_free_ char *files = strv_join(d->firmware, " "),
		                    *line = str_printf("Firmware that %s asked for: %s",
		                            d->driver ? d->driver : d->modalias, files);
		strv_add(&drivers, d->driver ? d->driver : "");
		buf_adds(b, any ? "" : "\n");
		add_comment(b, line);
		any = true;
	}
	if (m->firmware) {
		_cleanup_free_ char *files = strv_join(m->firmware, " "),
		                    *line = str_printf("Firmware that drivers asked for: %s", files);
		add_comment(b, line);
	}
	if (any)
		add_comment(b, "It is taken from the distribution's /lib/firmware; "
		               "hardware.enableRedistributableFirmware "
		               "= true; brings it with the system (some 320 MB).");
}

static void add_platform(struct buf *b, const struct machine *m)
{
	buf_adds(b, "\n  nixpkgs.hostPlatform = lib.mkDefault ");
	generate_string(b, m->platform);
	buf_adds(b, ";\n");
	if (m->guest && str_eq(m->guest, "hyperv"))
		buf_adds(b, "  virtualisation.hypervGuest.enable = true;\n");
	else if (m->guest && str_eq(m->guest, "oracle"))
		buf_adds(b, "  virtualisation.virtualbox.guest.enable = true;\n");
	if (m->cpu && !m->guest) // the host loads it for its guests
		buf_addf(b,
		        "  hardware.cpu.%s.updateMicrocode = lib.mkDefault "
		        "config.hardware.enableRedistributableFirmware;\n",
		        m->cpu);
}

static void add_modules(struct buf *b, const struct machine *m)
{
	_cleanup_strv_ char **kvm = NULL, **optional = NULL;
	bool draws = m->luks_count && str_eq(m->interface, "devicetree");

	if (m->kvm)
		strv_add(&kvm, m->kvm);
	strv_for_each (name, m->built_in)
		strv_add(&optional, name);
	// Nothing else shows where to type the passphrase on a board.
	for (char **name = draws ? m->graphics : NULL; name && *name; name++)
		strv_add(&optional, *name);
	add_list(b, "boot.initrd.availableKernelModules", m->modules);
	if (optional) {
		add_comment(b, "Built into the kernel that runs, or not loaded: modules of another one.");
		add_list(b, "boot.initrd.optionalKernelModules", optional);
	}
	add_list(b, "boot.initrd.kernelModules", NULL);
	add_list(b, "boot.kernelModules", kvm);
	add_list(b, "boot.extraModulePackages", NULL);
	if (m->graphics && !draws) {
		_cleanup_free_ char *names = strv_join(m->graphics, "\" \""),
		                    *line = str_printf(
		                            "Graphics: boot.initrd.kernelModules = [ \"%s\" ]; loads them "
		                            "in stage 1.",
		                            names);
		add_comment(b, line);
	}
}

void generate_hardware(struct buf *b, const struct machine *m, bool no_fs)
{
	buf_adds(b, "# Written by nixos-generate-config, which writes it anew: changes belong into "
	            "configuration.nix.\n"
	            "{ config, lib, pkgs, modulesPath, ... }:\n\n{\n");
	strv_for_each (text, m->unclear)
		add_comment(b, text);
	if (m->guest && str_eq(m->guest, "container")) {
		add_comment(b, "A container, whose kernel and file systems are its host's.");
		buf_adds(b, "  boot.isContainer = true;\n");
	} else {
		add_modules(b, m);
		if (!no_fs)
			add_storage(b, m);
		add_loader(b, m);
		add_firmware(b, m);
	}
	add_platform(b, m);
	buf_adds(b, "}\n");
}
