// SPDX-License-Identifier: GPL-2.0-or-later
// A machine's processor, its platform, the hypervisor below it, and how it boots. Formats: proc(5) for
// cpuinfo; the kernel's Documentation/ABI for dmi, hypervisor and efivars; systemd's Container Interface for
// /run/systemd/container.
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include "base/beneath.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/system.h"
#include "boot/loader.h"
#include "cmd/machine-read.h"

#define GLOBAL_GUID "8be4df61-93ca-11d2-aa0d-00e098032b8c" // of EFI's own variables

// --- processor and platform ---

// The value of the first line "NAME   : VALUE"; owned, NULL: there is none.
static char *field_of(const char *text, const char *name)
{
	size_t n = strlen(name);

	for (const char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL) {
		const char *colon = line + n;
		if (strncmp(line, name, n))
			continue;
		colon += strspn(colon, " \t");
		if (*colon != ':')
			continue;
		colon += 1 + strspn(colon + 1, " \t");
		return mem_strndup(colon, strcspn(colon, "\n"));
	}
	return NULL;
}

static bool has_flag(const char *text, const char *flag)
{
	_cleanup_free_ char *flags = field_of(text, "flags");
	_cleanup_strv_ char **words = flags ? strv_split(flags, " ") : NULL;

	return strv_has(words, flag);
}

// Long mode is not among its flags. A short list is one that somebody wrote.
static bool is_32_bit(const char *text)
{
	_cleanup_free_ char *flags = field_of(text, "flags");
	_cleanup_strv_ char **words = flags ? strv_split(flags, " ") : NULL;

	return strv_len(words) > 12 && !strv_has(words, "lm");
}

static void read_cpu(struct machine_reader *r, const char *text)
{
	struct machine *m = r->m;
	char *vendor = field_of(text, "vendor_id");

	if (!vendor)
		vendor = field_of(text, "CPU implementer");
	m->processor = (struct machine_cpu){.vendor = vendor,
	        .family = field_of(text, "cpu family"),
	        .model = field_of(text, "model"),
	        .stepping = field_of(text, "stepping"),
	        .microcode = field_of(text, "microcode")};
	if (!m->processor.model)
		m->processor.model = field_of(text, "CPU part");
	if (vendor && str_eq(vendor, "GenuineIntel"))
		m->cpu = mem_strdup("intel");
	else if (vendor && (str_eq(vendor, "AuthenticAMD") || str_eq(vendor, "HygonGenuine")))
		m->cpu = mem_strdup("amd");
	if (has_flag(text, "vmx"))
		m->kvm = mem_strdup("kvm-intel");
	else if (has_flag(text, "svm"))
		m->kvm = mem_strdup("kvm-amd");
}

// The machine's architecture: ours, another machine's kernel's word for it, or what is to be seen of it.
static char *arch_of(const struct machine_reader *r, const char *cpuinfo)
{
	_cleanup_free_ char *dir = str_printf("%s/proc/sys/kernel", r->from),
	                    *told = machine_line(dir, "arch"), *arm = field_of(cpuinfo, "CPU architecture"),
	                    *isa = field_of(cpuinfo, "isa");
	struct utsname u = {0};
	const char *own = system_name(); // of this machine also where the kernel is a wider one

	if (!*r->from)
		return mem_strndup(own, strcspn(own, "-"));
	if (told && *told)
		return TAKE_PTR(told);
	if (arm)
		return mem_strdup(str_eq(arm, "7") ? "armv7l" : str_eq(arm, "6") ? "armv6l" : "aarch64");
	if (isa)
		return mem_strdup(str_has_prefix(isa, "rv32") ? "riscv32" : "riscv64");
	if (strstr(cpuinfo, "\nfirmware\t: OPAL") || str_has_prefix(cpuinfo, "cpu\t\t: POWER"))
		return mem_strdup("powerpc64le");
	if (r->m->processor.vendor)
		return mem_strdup(is_32_bit(cpuinfo) ? "i686" : "x86_64");
	return uname(&u) == 0 ? mem_strdup(u.machine) : mem_strdup("x86_64");
}

static char *platform_of(struct machine_reader *r, const char *cpuinfo)
{
	static const char *const other[][2] = {{"i386", "i686"}, {"i486", "i686"}, {"i586", "i686"},
	        {"armv7", "armv7l"}, {"armv8l", "armv7l"}, {"armv6", "armv6l"}, {"ppc64le", "powerpc64le"},
	        {"ppc64", "powerpc64"}};
	static const char *const known[] = {"x86_64", "i686", "aarch64", "armv6l", "armv7l", "riscv64",
	        "riscv32", "powerpc64le", "powerpc64", "s390x", "loongarch64", "mips64", "mips"};
	_cleanup_free_ char *arch = arch_of(r, cpuinfo);
	const char *name = arch;

	for (size_t i = 0; i < ARRAY_SIZE(other); i++)
		if (str_has_prefix(arch, other[i][0]) && (i != 7 || str_eq(arch, other[i][0])))
			name = other[i][1];
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (str_eq(known[i], name))
			return str_printf("%s-linux", name);
	machine_unclear(r, str_printf("The architecture %.40s is not known.", name));
	return mem_strdup("x86_64-linux");
}

// --- what it runs on ---

static char *dmi(const struct machine_reader *r, const char *name)
{
	_cleanup_free_ char *dir = str_printf("%s/sys/class/dmi/id", r->from);
	char *s = machine_line(dir, name);

	for (char *end = s ? s + strlen(s) : NULL; end && end > s && end[-1] == ' ';)
		*--end = '\0';
	return s;
}

static bool has_bus(const struct machine *m, const char *prefix)
{
	for (size_t i = 0; i < m->device_count; i++)
		if (str_has_prefix(m->devices[i].modalias, prefix))
			return true;
	return false;
}

static const struct machine_mount *mount_at(const struct machine *m, const char *where)
{
	for (size_t i = 0; i < m->mount_count; i++)
		if (str_eq(m->mounts[i].where, where))
			return &m->mounts[i];
	return NULL;
}

// Whoever has a disk for a root is none, though its files may come from a container's image.
static bool in_container(const struct machine_reader *r)
{
	static const char *const marks[] = {"/run/systemd/container", "/run/host/container-manager",
	        "/.dockerenv", "/run/.containerenv", "/dev/lxd/sock", "/dev/.lxc-boot-id"};
	_cleanup_free_ char *environment = machine_text(r, "/proc/1/environ");
	const struct machine_mount *root = mount_at(r->m, "/");

	if (root && root->folder)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		_cleanup_free_ char *path = str_printf("%s%s", r->from, marks[i]);
		if (fs_exists(path))
			return true;
	}
	return str_has_prefix(
	        environment, "container="); // others are behind a zero byte: they have a mark, too
}

// The name is systemd-detect-virt's.
static const char *guest_of(const struct machine_reader *r, const char *cpuinfo)
{
	static const char *const makers[][2] = {{"QEMU", "kvm"}, {"KVM", "kvm"}, {"Amazon EC2", "kvm"},
	        {"Google", "kvm"}, {"DigitalOcean", "kvm"}, {"Hetzner", "kvm"}, {"OpenStack", "kvm"},
	        {"Scaleway", "kvm"}, {"Red Hat", "kvm"}, {"VMware", "vmware"}, {"innotek GmbH", "oracle"},
	        {"Parallels", "parallels"}, {"Xen", "xen"}, {"Bochs", "qemu"}, {"Apple", "apple"}};
	_cleanup_free_ char *maker = dmi(r, "sys_vendor"), *product = dmi(r, "product_name"),
	                    *dir = str_printf("%s/sys/hypervisor", r->from),
	                    *type = machine_line(dir, "type");

	if (in_container(r))
		return "container";
	if (type && str_eq(type, "xen"))
		return "xen";
	if (has_bus(r->m, "vmbus:") || (maker && str_eq(maker, "Microsoft Corporation") && product &&
	                                       str_eq(product, "Virtual Machine")))
		return "hyperv";
	bool below = has_flag(cpuinfo, "hypervisor");
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++)
		if ((maker && str_has_prefix(maker, makers[i][0]) && (below || i == 0 || i > 8) &&
		            (!str_eq(makers[i][0], "Apple") || below)) ||
		        (product && str_has_prefix(product, makers[i][0]) && !str_eq(makers[i][0], "Apple") &&
		                (below || i < 2)))
			return makers[i][1];
	return has_bus(r->m, "xen:") ? "xen" : has_bus(r->m, "virtio:") ? "kvm" : below ? "other" : NULL;
}

static void read_model(struct machine_reader *r)
{
	_cleanup_free_ char *maker = dmi(r, "sys_vendor"), *product = dmi(r, "product_name");
	static const char *const trees[] = {"/proc/device-tree", "/sys/firmware/devicetree/base"};

	if (maker && product && *product)
		r->m->model = str_printf("%s %s", maker, product);
	for (size_t i = 0; i < ARRAY_SIZE(trees) && !r->m->model; i++) {
		_cleanup_free_ char *dir = str_printf("%s%s", r->from, trees[i]);
		r->m->model = machine_line(dir, "model");
	}
}

static void read_loaded(struct machine_reader *r)
{
	_cleanup_free_ char *text = machine_text(r, "/proc/modules");
	_cleanup_strv_ char **lines = strv_split(text, "\n");

	strv_for_each (line, lines) {
		line[strcspn(line, " \t")] = '\0';
		if (*line)
			machine_add_name(&r->m->loaded, line);
	}
}

void machine_read_facts(struct machine_reader *r)
{
	_cleanup_free_ char *cpuinfo = machine_text(r, "/proc/cpuinfo");
	const char *guest;

	read_cpu(r, cpuinfo);
	r->m->platform = platform_of(r, cpuinfo);
	guest = guest_of(r, cpuinfo);
	r->m->guest = guest ? mem_strdup(guest) : NULL;
	read_model(r);
	read_loaded(r);
}

// --- how it boots ---

// The disk that the device in this folder of /sys lies on, the first of several; owned.
static char *disk_below(const char *folder, unsigned depth)
{
	_cleanup_free_ char *slaves = fs_join(folder, "slaves"), *partition = fs_join(folder, "partition");
	_cleanup_strv_ char **names = NULL;
	_cleanup_err_ struct err e = {0};
	char real[PATH_MAX];

	if (depth > 16)
		return NULL;
	if (fs_exists(partition)) {
		_cleanup_free_ char *parent = str_dirname(folder);
		return mem_strdup(str_basename(parent));
	}
	if (fs_list_maybe(slaves, &names, &e) < 0 || !names)
		return mem_strdup(str_basename(folder));
	_cleanup_free_ char *first = fs_join(slaves, names[0]);
	return realpath(first, real) ? disk_below(real, depth + 1) : NULL;
}

// By what the disk says of itself; a name of another kind only where there is none.
static char *disk_name(const struct machine_reader *r, const char *disk)
{
	static const char *const kinds[] = {"ata-", "nvme-", "scsi-", "virtio-", "usb-", "mmc-", ""};
	_cleanup_free_ char *dir = str_printf("%s/dev/disk/by-id", r->from);
	_cleanup_strv_ char **names = NULL;
	_cleanup_err_ struct err e = {0};

	if (fs_list_maybe(dir, &names, &e) < 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		strv_for_each (name, names) {
			_cleanup_free_ char *to = machine_link(dir, name);
			if (to && str_eq(to, disk) && str_has_prefix(name, kinds[i]) &&
			        !str_has_prefix(name, "nvme-eui."))
				return str_printf("/dev/disk/by-id/%s", name);
		}
	return str_printf("/dev/%s", disk);
}

static void read_boot_disk(struct machine_reader *r)
{
	const struct machine_mount *boot = mount_at(r->m, "/boot");

	if (!boot)
		boot = mount_at(r->m, "/");
	_cleanup_free_ char *disk = boot && boot->folder ? disk_below(boot->folder, 0) : NULL;
	if (disk)
		r->m->boot_disk = disk_name(r, disk);
}

static void read_secure_boot(struct machine_reader *r)
{
	_cleanup_free_ char *path =
	        str_printf("%s/sys/firmware/efi/efivars/SecureBoot-" GLOBAL_GUID, r->from);
	_cleanup_buf_ struct buf b = {0};
	_cleanup_err_ struct err e = {0};

	r->m->secure_boot = -1;
	// Four bytes of attributes, and one that says it.
	if (fs_read_regular_maybe(path, 64, &b, &e) > 0 && b.len == 5)
		r->m->secure_boot = b.data[4] == 1;
}

void machine_read_boot(struct machine_reader *r)
{
	static const char *const places[] = {"/efi", "/boot/efi", "/boot/EFI", "/boot", "/esp"};
	_cleanup_free_ char *efi = str_printf("%s/sys/firmware/efi", r->from),
	                    *tree = str_printf("%s/sys/firmware/devicetree/base", r->from),
	                    *old_tree = str_printf("%s/proc/device-tree", r->from);
	struct boot_place place = {0};
	const struct loader *loader = NULL;
	_cleanup_err_ struct err e = {0};
	struct machine *m = r->m;

	m->interface = fs_exists(efi)                           ? "uefi"
	               : fs_exists(tree) || fs_exists(old_tree) ? "devicetree"
	                                                        : "bios";
	read_secure_boot(r);
	if (m->guest && str_eq(m->guest, "container"))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(places) && !m->esp; i++) {
		const struct machine_mount *mount = mount_at(m, places[i]);
		if (mount && str_eq(mount->type, "vfat"))
			m->esp = mem_strdup(places[i]);
	}
	if (loader_find(r->files, NULL, &loader, &place, &e) >= 0)
		m->loader = mem_strdup(loader->name);
	boot_place_release(&place);
	if (str_eq(m->interface, "bios"))
		read_boot_disk(r);
}
