// SPDX-License-Identifier: GPL-2.0-or-later
// A machine's devices: every folder of /sys/devices that has a modalias, with its driver; and which of these
// drivers boot needs. The classes are those of the buses' specifications, as file2alias.c of the kernel
// writes them into modaliases.
#include <ctype.h>
#include <dirent.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "base/beneath.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/machine-read.h"

#define DEPTH_MAX     30
#define DEVICES_MAX   50000
#define ALIASES_BYTES ((size_t)64 << 20)

// What boot may need: disks, what they hang on, and keyboards. The module is that of the kernel's own driver,
// for where none is bound and no kernel's modules.alias is at hand; NULL: such a device is looked up only.
static const struct {
	const char *pattern, *module;
} needed[] = {
        {"pci:v00001AF4d*", "virtio_pci"},
        {"pci:v00005853d00000001*", NULL}, // xen's platform device, built in
        {"pci:v000015ADd000007C0*", "vmw_pvscsi"},
        {"pci:v*bc01sc08i02*", "nvme"},
        {"pci:v*bc01sc06i01*", "ahci"},
        {"pci:v00008086d*bc01sc01i*", "ata_piix"},
        {"pci:v*bc01*", NULL},
        {"pci:v*bc0Csc03i00*", "uhci_hcd"},
        {"pci:v*bc0Csc03i10*", "ohci_pci"},
        {"pci:v*bc0Csc03i20*", "ehci_pci"},
        {"pci:v*bc0Csc03i30*", "xhci_pci"},
        {"pci:v*bc0Csc03i*", NULL},
        {"pci:v*bc08sc05i*", "sdhci_pci"},
        {"pci:v00008086d*bc01sc04i*", "vmd"},
        {"usb:v*ic03isc01ip01*", "usbhid"}, // a keyboard
        {"usb:v*ic03*", NULL},
        {"usb:v*ic08isc06ip62*", "uas"},
        {"usb:v*ic08*", "usb_storage"},
        {"hid:b*", "hid_generic"},
        {"serio:ty06*", "atkbd"},
        {"acpi:PNP030*", "i8042"},
        {"virtio:d00000002v*", "virtio_blk"},
        {"virtio:d00000008v*", "virtio_scsi"},
        {"virtio:d00000009v*", "9pnet_virtio"},
        {"virtio:d0000001Av*", "virtiofs"},
        {"scsi:t-0x00*", "sd_mod"},
        {"scsi:t-0x0e*", "sd_mod"},
        {"scsi:t-0x05*", "sr_mod"},
        {"mmc:block", "mmc_block"},
        {"xen:vbd", "xen_blkfront"},
        {"xen:vscsi", "xen_scsifront"},
        {"vmbus:d96361baa104294db60572e2ffb1dc7f", "hv_storvsc"}, // SCSI
        {"vmbus:32264132cb86a2449b5c50d1417354f5", "hv_storvsc"}, // IDE
        {"vmbus:6dad12f9172bea48bd65f927a61c7684", "hyperv_keyboard"},
        {"acpi:VMBUS*", "hv_vmbus"},
        {"of:N*T*Cbrcm,bcm2711-emmc2*", "sdhci_iproc"},
        {"of:N*T*Cbrcm,bcm2712-sdhci*", "sdhci_brcmstb"},
        {"of:N*T*Cbrcm,bcm2835-sdhost*", "bcm2835"},
        {"of:N*T*Cbrcm,bcm*-pcie*", "pcie_brcmstb"},
        {"of:N*T*Crockchip,*-dw-mshc*", "dw_mmc_rockchip"},
        {"of:N*T*Crockchip,*-dwcmshc*", "sdhci_of_dwcmshc"},
        {"of:N*T*Csnps,dwcmshc-sdhci*", "sdhci_of_dwcmshc"},
        {"of:N*T*Carasan,sdhci*", "sdhci_of_arasan"},
        {"of:N*T*Callwinner,*-mmc*", "sunxi_mmc"},
        {"of:N*T*Cfsl,*-usdhc*", "sdhci_esdhc_imx"},
        {"of:N*T*Camlogic,*-mmc*", "meson_gx_mmc"},
        {"of:N*T*Cqcom,sdhci-msm*", "sdhci_msm"},
        {"of:N*T*Cgeneric-ahci*", "ahci_platform"},
        {"of:N*T*Csnps,dwmac-ahci*", "ahci_platform"},
        {"of:N*T*Csnps,dwc3*", "dwc3"},
        {"of:N*T*Cgeneric-xhci*", "xhci_plat_hcd"},
        {"of:N*T*Cgeneric-ehci*", "ehci_platform"},
        {"of:N*T*Cgeneric-ohci*", "ohci_platform"},
        {"of:N*T*Cvirtio,mmio*", "virtio_mmio"},
        {"acpi:LNRO0005:*", "virtio_mmio"},
        {NULL, NULL},
};

// Drivers that every kernel has built in, and that name no module of any.
static bool is_core(const char *driver)
{
	static const char *const names[] = {"pcieport", "usb", "hub", "pci_bridge", "port"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(names[i], driver))
			return true;
	return false;
}

void machine_add_name(char ***list, const char *name)
{
	_cleanup_free_ char *own = mem_strdup(name);

	for (char *p = own; *p; p++) {
		if (!isalnum((unsigned char)*p) && !strchr("_-.", *p)) // a module has no such name
			return;
		*p = *p == '-' ? '_' : *p;
	}
	if (!strv_has(*list, own))
		strv_add(list, own);
}

char *machine_link(const char *dir, const char *name)
{
	_cleanup_free_ char *link = fs_join(dir, name), *target = NULL;
	_cleanup_err_ struct err e = {0};

	return fs_readlink_maybe(link, &target, &e) > 0 ? mem_strdup(str_basename(target)) : NULL;
}

// A driver that is built into the running kernel has no module: it is one of most others, of the driver's
// name.
static void add_driver(struct machine_reader *r, const char *folder)
{
	_cleanup_free_ char *module = machine_link(folder, "driver/module"),
	                    *driver = machine_link(folder, "driver");

	if (module)
		machine_add_name(&r->m->modules, module);
	else if (driver && !is_core(driver))
		machine_add_name(&r->m->built_in, driver);
	if (!module && driver &&
	        str_eq(driver, "xhci_hcd")) // the driver of PCI is another module than its name
		machine_add_name(&r->m->built_in, "xhci_pci");
}

// Clocks, regulators, phys: what the device links of a board say that it needs. They hang on others in turn,
// but these are built in, or nothing would have started.
static void add_suppliers(struct machine_reader *r, const char *folder)
{
	_cleanup_strv_ char **names = NULL;
	_cleanup_err_ struct err e = {0};
	char real[PATH_MAX];

	if (fs_list_maybe(folder, &names, &e) < 0)
		return;
	strv_for_each (name, names) {
		_cleanup_free_ char *path =
		        str_has_prefix(name, "supplier:") ? str_printf("%s/%s/supplier", folder, name) : NULL;
		if (path && realpath(path, real))
			add_driver(r, real);
	}
}

void machine_add_drivers(struct machine_reader *r, const char *folder)
{
	_cleanup_free_ char *at = mem_strdup(folder);

	for (char *slash = strrchr(at, '/'); slash && !str_has_suffix(at, "/devices");
	        slash = strrchr(at, '/')) {
		add_driver(r, at);
		add_suppliers(r, at);
		*slash = '\0';
	}
}

// Version and date of a BIOS change with each update, and none of a machine's modules asks for them.
static char *without_versions(const char *alias)
{
	static const char *const dropped[] = {"bvr", "bd", "br", "efr"};
	_cleanup_strv_ char **fields = str_has_prefix(alias, "dmi:") ? strv_split(alias, ":") : NULL;
	_cleanup_buf_ struct buf b = {0};

	if (!fields)
		return mem_strdup(alias);
	strv_for_each (field, fields) {
		bool drop = false;
		for (size_t i = 0; i < ARRAY_SIZE(dropped); i++)
			drop |= str_has_prefix(field, dropped[i]) && !str_has_prefix(field, "board");
		if (!drop)
			buf_addf(&b, "%s:", field);
	}
	return buf_steal(&b);
}

static bool is_plain(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || (unsigned char)*s > '~')
			return false;
	return true;
}

static void add_device(struct machine_reader *r, const char *folder, const char *alias)
{
	struct machine *m = r->m;

	if (!alias || !*alias || !is_plain(alias) || m->device_count >= DEVICES_MAX)
		return;
	mem_grow(&m->devices, &m->device_cap, m->device_count + 1, sizeof(*m->devices));
	struct machine_device *d = &m->devices[m->device_count++];
	*d = (struct machine_device){.folder = mem_strdup(folder),
	        .modalias = without_versions(alias),
	        .bus = machine_link(folder, "subsystem"),
	        .driver = machine_link(folder, "driver"),
	        .module = machine_link(folder, "driver/module")};
	if (!d->bus)
		d->bus = mem_strndup(alias, strcspn(alias, ":"));
}

static void walk(struct machine_reader *r, const char *dir, unsigned depth)
{
	DIR *d = depth < DEPTH_MAX ? opendir(dir) : NULL;

	for (struct dirent *de; d && (de = readdir(d));) {
		if (str_eq(de->d_name, "modalias")) {
			_cleanup_free_ char *alias = machine_line(dir, "modalias");
			add_device(r, dir, alias);
		} else if (de->d_type == DT_DIR && de->d_name[0] != '.') {
			_cleanup_free_ char *path = fs_join(dir, de->d_name);
			walk(r, path, depth + 1);
		}
	}
	if (d)
		closedir(d);
}

static unsigned long number_of(const char *folder, const char *name)
{
	_cleanup_free_ char *line = machine_line(folder, name);

	return line ? strtoul(line, NULL, 16) : 0;
}

// A copy of /sys may lack modaliases of PCI, which are made of other files anyway.
static void add_bare_pci(struct machine_reader *r)
{
	_cleanup_free_ char *dir = str_printf("%s/sys/bus/pci/devices", r->from);
	_cleanup_strv_ char **names = NULL;
	_cleanup_err_ struct err e = {0};
	char real[PATH_MAX];

	if (fs_list_maybe(dir, &names, &e) < 0)
		return;
	strv_for_each (name, names) {
		_cleanup_free_ char *device = fs_join(dir, name), *class = machine_line(device, "class"),
		                    *known = machine_line(device, "modalias");
		if (!class || known || !realpath(device, real))
			continue;
		unsigned long c = strtoul(class, NULL, 16);
		_cleanup_free_ char *alias = str_printf("pci:v%08lXd%08lXsv%08lXsd%08lXbc%02lXsc%02lXi%02lX",
		        number_of(device, "vendor"), number_of(device, "device"),
		        number_of(device, "subsystem_vendor"), number_of(device, "subsystem_device"),
		        c >> 16 & 0xff, c >> 8 & 0xff, c & 0xff);
		add_device(r, real, alias);
	}
}

// --- which of them boot needs ---

static char *newest_aliases(const struct machine_reader *r)
{
	_cleanup_free_ char *dir = beneath_path(r->files, "/lib/modules");
	_cleanup_strv_ char **names = NULL;
	_cleanup_err_ struct err skip = {0};
	_cleanup_buf_ struct buf b = {0};

	if (fs_list_maybe(dir, &names, &skip) < 0)
		return NULL;
	for (size_t i = strv_len(names); i-- > 0 && !b.len;) {
		_cleanup_free_ char *path =
		        beneath_printf(r->files, "/lib/modules/%s/modules.alias", names[i]);
		if (fs_read_regular_maybe(path, ALIASES_BYTES, &b, &skip) <= 0)
			buf_clear(&b);
	}
	return b.len ? buf_steal(&b) : NULL;
}

// "alias PATTERN MODULE": the first that fits; the module alone, owned.
static char *module_by_alias(const char *aliases, const char *device)
{
	for (const char *line = aliases; line && *line; line = strchr(line, '\n'), line += line != NULL) {
		const char *pattern = str_after(line, "alias ");
		size_t n = pattern ? strcspn(pattern, " \n") : 0,
		       fixed = pattern ? strcspn(pattern, "*?[ \n") : 0;
		if (!pattern || pattern[n] != ' ' || strncmp(pattern, device, fixed))
			continue;
		_cleanup_free_ char *own = mem_strndup(pattern, n);
		if (fnmatch(own, device, 0) == 0)
			return mem_strndup(pattern + n + 1, strcspn(pattern + n + 1, "\n"));
	}
	return NULL;
}

// What boot needs lies on another machine: the network card comes first.
static bool root_is_remote(const struct machine *m)
{
	for (size_t i = 0; i < m->mount_count; i++)
		if (str_eq(m->mounts[i].where, "/"))
			return str_has_prefix(m->mounts[i].type, "nfs") || str_eq(m->mounts[i].type, "cifs");
	return false;
}

static void add_needed(struct machine_reader *r, const struct machine_device *d, const char *aliases)
{
	_cleanup_free_ char *net = fs_join(d->folder, "net");
	size_t i = 0;

	if (fs_exists(net) && d->driver && root_is_remote(r->m))
		machine_add_drivers(r, d->folder);
	while (needed[i].pattern && fnmatch(needed[i].pattern, d->modalias, 0))
		i++;
	if (!needed[i].pattern)
		return;
	if (d->driver) {
		machine_add_drivers(r, d->folder);
		return;
	}
	_cleanup_free_ char *found = module_by_alias(aliases, d->modalias);
	if (found)
		machine_add_name(&r->m->modules, found);
	else if (needed[i].module) // whether it is a module of the next kernel, who knows
		machine_add_name(&r->m->built_in, needed[i].module);
}

static void add_graphics(struct machine_reader *r, const struct machine_device *d, const char *aliases)
{
	_cleanup_free_ char *drm = fs_join(d->folder, "drm"), *found = NULL;

	if (fnmatch("pci:v*bc03*", d->modalias, 0) && !fs_exists(drm))
		return;
	found = d->driver ? NULL : module_by_alias(aliases, d->modalias);
	if (d->module || found)
		machine_add_name(&r->m->graphics, d->module ? d->module : found);
}

static int by_alias(const void *a, const void *b)
{
	const struct machine_device *x = a, *y = b;
	int r = strcmp(x->modalias, y->modalias);

	return r ? r : strcmp(x->folder, y->folder);
}

void machine_read_devices(struct machine_reader *r)
{
	_cleanup_free_ char *dir = str_printf("%s/sys/devices", r->from), *aliases = NULL;
	struct machine *m = r->m;
	bool unbound = false;

	walk(r, dir, 0);
	add_bare_pci(r);
	if (m->device_count > 1)
		qsort(m->devices, m->device_count, sizeof(*m->devices), by_alias);
	for (size_t i = 0; i < m->device_count; i++)
		unbound |= !m->devices[i].driver;
	aliases = unbound ? newest_aliases(r) : NULL;
	for (size_t i = 0; i < m->device_count; i++) {
		add_needed(r, &m->devices[i], aliases);
		add_graphics(r, &m->devices[i], aliases);
	}
}

void machine_release_devices(struct machine *m)
{
	for (size_t i = 0; i < m->device_count; i++) {
		struct machine_device *d = &m->devices[i];
		void *const blocks[] = {d->folder, d->modalias, d->bus, d->driver, d->module};
		for (size_t k = 0; k < ARRAY_SIZE(blocks); k++)
			mem_free(blocks[k]);
		strv_free(d->firmware);
	}
	mem_free(m->devices);
}
