// SPDX-License-Identifier: GPL-2.0-or-later
// From what an initrd looks for to a plan of steps that make it.
#include "boot/boottest-layout.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/bootspec.h"

#define DISK_SECTORS (4ULL << 21) // 4 GiB, of which hardly anything is ever written
#define STEP_SECTORS 2048
#define VOLUME_SIZE  "420M"
#define TOP_PATH     "/kernix/top"
#define DEPTH_MAX    8

struct luks_row {
	char *name, *device, *key, *offset, *size, *rest; // rest: further words, with a blank before each
	char *made;                                       // name in the plan, once it is made
	bool named;                                       // somebody looks for /dev/mapper/NAME
};

struct group {
	char *device, *seen; // as it was named; as the tables name it now
	const char *type;
	char *made;
	size_t number;
};

struct maker {
	const struct layout_opts *o;
	struct layout *l;
	struct initrd_mount *mounts; // borrowed strings
	size_t mount_count;
	struct luks_row *luks;
	size_t luks_count, luks_cap;
	struct group *groups;
	size_t group_count, group_cap;
	char **volume_groups, **arrays, **volumes; // made already
	char **closing;                            // lines, to be said last first
	bool raid, lvm, raid_named, lvm_named;
	int depth;
};

unsigned long long layout_sectors(size_t disk)
{
	return DISK_SECTORS + disk * STEP_SECTORS;
}

// A word as fstab writes it.
static void add_word(struct buf *b, const char *s)
{
	for (; *s; s++) {
		if (isspace((unsigned char)*s) || *s == '\\')
			buf_addf(b, "\\%03o", (unsigned char)*s);
		else
			buf_addc(b, *s);
	}
}

static void say(struct maker *m, const char *const *words)
{
	for (size_t i = 0; words[i]; i++) {
		if (i)
			buf_addc(&m->l->plan, ' ');
		add_word(&m->l->plan, words[i]);
	}
	buf_addc(&m->l->plan, '\n');
}
#define SAY(m, ...) say(m, (const char *const[]){__VA_ARGS__, NULL})

static void close_later(struct maker *m, const char *step, const char *what)
{
	_cleanup_buf_ struct buf b = {0};

	buf_addf(&b, "%s ", step);
	add_word(&b, what);
	strv_add(&m->closing, buf_str(&b));
}

static void cannot(struct maker *m, char *why)
{
	if (m->l->why_not)
		mem_free(why);
	else
		m->l->why_not = why;
}

// A UUID that is the same each time and no one else's.
static char *own_uuid(size_t n)
{
	return str_printf("6b65726e-6978-4f74-8000-%012zx", n + 1);
}

static char *lower(const char *s)
{
	char *copy = mem_strdup(s);

	for (char *p = copy; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return copy;
}

// What stands in a name below /dev/disk as \xNN.
static char *unescape(const char *s)
{
	_cleanup_buf_ struct buf b = {0};
	char digits[3] = "";

	for (; *s; s++) {
		if (s[0] != '\\' || s[1] != 'x' || !isxdigit((unsigned char)s[2]) ||
		        !isxdigit((unsigned char)s[3])) {
			buf_addc(&b, *s);
			continue;
		}
		memcpy(digits, s + 2, 2);
		buf_addc(&b, (char)strtoul(digits, NULL, 16));
		s += 3;
	}
	return buf_steal(&b);
}

// The value of UUID=... or /dev/disk/by-uuid/...; owned, NULL: it is named otherwise.
static char *id_of(const char *device, const char *word, const char *folder)
{
	const char *plain = str_after(device, word), *below = str_after(device, folder);

	return plain && *plain ? mem_strdup(plain) : below && *below ? unescape(below) : NULL;
}
static char *uuid_of(const char *device)
{
	return id_of(device, "UUID=", "/dev/disk/by-uuid/");
}
static char *label_of(const char *device)
{
	return id_of(device, "LABEL=", "/dev/disk/by-label/");
}

// GROUP and VOLUME of /dev/GROUP/VOLUME or /dev/mapper/GROUP-VOLUME (in which "-" of a name is "--").
static bool volume_of(const struct maker *m, const char *device, char **ret_group, char **ret_volume)
{
	const char *mapped = str_after(device, "/dev/mapper/"), *plain = str_after(device, "/dev/");
	static const char *const others[] = {"disk/", "md/", "block/", "mapper/"};
	_cleanup_buf_ struct buf part = {0};

	if (!m->lvm || !plain)
		return false;
	for (size_t i = 0; mapped && i < m->luks_count; i++)
		if (str_eq(mapped, m->luks[i].name))
			return false;
	if (!mapped) {
		for (size_t i = 0; i < ARRAY_SIZE(others); i++)
			if (str_has_prefix(plain, others[i]))
				return false;
		const char *slash = strchr(plain, '/');
		if (!slash || slash == plain || !slash[1] || strchr(slash + 1, '/'))
			return false;
		*ret_group = mem_strndup(plain, (size_t)(slash - plain));
		*ret_volume = mem_strdup(slash + 1);
		return true;
	}
	for (const char *p = mapped; *p; p++) {
		if (*p == '-' && p[1] != '-' && !*ret_group)
			*ret_group = buf_steal(&part);
		else
			buf_addc(&part, *p);
		p += *p == '-' && p[1] == '-';
	}
	*ret_volume = buf_steal(&part);
	return *ret_group && **ret_group && **ret_volume;
}

static bool is_volume(const struct maker *m, const char *device)
{
	_cleanup_free_ char *group = NULL, *volume = NULL;

	return volume_of(m, device, &group, &volume);
}

static struct luks_row *luks_named(struct maker *m, const char *device)
{
	const char *name = str_after(device, "/dev/mapper/");

	for (size_t i = 0; name && i < m->luks_count; i++)
		if (str_eq(m->luks[i].name, name))
			return &m->luks[i];
	return NULL;
}

// --- devices ---

static char *make_at(struct maker *m, const char *device, char **ret_seen, bool root);

static char *make_disk(struct maker *m)
{
	char *name = str_printf("disk%zu", m->l->disk_count);
	_cleanup_free_ char *sectors = str_printf("%llu", layout_sectors(m->l->disk_count));

	m->l->disk_count++;
	SAY(m, "disk", name, sectors);
	return name;
}

static char *make_raid(struct maker *m, const char *node)
{
	if (!strv_has(m->arrays, node)) {
		_cleanup_free_ char *one = make_disk(m), *two = make_disk(m);
		SAY(m, "raid", node, node, one, two);
		close_later(m, "stop", node);
		strv_add(&m->arrays, node);
	}
	return mem_strdup(node);
}

static char *below(struct maker *m, bool raid)
{
	return raid && m->raid && !m->raid_named && !m->arrays ? make_raid(m, "/dev/md/kernix")
	                                                       : make_disk(m);
}

static char *make_luks(struct maker *m, struct luks_row *k)
{
	_cleanup_free_ char *seen = NULL, *uuid = uuid_of(k->device);

	if (k->made)
		return mem_strdup(k->made);
	size_t number = (size_t)(k - m->luks);
	_cleanup_free_ char *device = uuid ? below(m, true) : make_at(m, k->device, &seen, false);
	_cleanup_free_ char *label = label_of(k->device);
	bool in_place = !uuid && (!seen || label);
	if (!uuid)
		uuid = own_uuid(100 + number);
	if (in_place) { // it is named by its place: by its UUID now
		mem_free(k->device);
		k->device = str_printf("UUID=%s", uuid);
	}
	k->made = str_printf("luks%zu", number);
	if (k->key) {
		m->l->needs_key = true;
		mem_free(k->key);
		k->key = mem_strdup(LAYOUT_KEY_PATH);
	}
	_cleanup_free_ char *small = lower(uuid);
	SAY(m, "luks", k->made, k->name, device, small, k->key ? k->key : "-", k->offset ? k->offset : "0",
	        k->size ? k->size : "0");
	close_later(m, "close", k->name);
	return mem_strdup(k->made);
}

// An encrypted device that nobody names: what is looked for lies on it.
static struct luks_row *unnamed_luks(struct maker *m)
{
	for (size_t i = 0; i < m->luks_count; i++)
		if (!m->luks[i].named && !is_volume(m, m->luks[i].device))
			return &m->luks[i];
	return NULL;
}

static char *make_volume(struct maker *m, const char *group, const char *volume)
{
	char *name = str_printf("%s/%s", group, volume);

	if (!strv_has(m->volume_groups, group)) {
		struct luks_row *k = unnamed_luks(m);
		strv_add(&m->volume_groups, group);
		_cleanup_free_ char *device = k ? make_luks(m, k) : below(m, true);
		SAY(m, "group", group, device);
		close_later(m, "deactivate", group);
	}
	if (!strv_has(m->volumes, name)) {
		SAY(m, "volume", name, group, volume, VOLUME_SIZE);
		strv_add(&m->volumes, name);
	}
	return name;
}

// What a file system lies on that only its own UUID or label tells.
static char *make_somewhere(struct maker *m, bool root)
{
	struct luks_row *k = root ? unnamed_luks(m) : NULL;

	if (root && m->lvm && !m->lvm_named)
		return make_volume(m, "kernix", "root");
	return k ? make_luks(m, k) : below(m, root);
}

// The device of that name; *ret_seen is how the tables have to name it.
static char *make_at(struct maker *m, const char *device, char **ret_seen, bool root)
{
	_cleanup_free_ char *group = NULL, *volume = NULL, *uuid = uuid_of(device), *label = label_of(device);
	struct luks_row *k = luks_named(m, device);

	*ret_seen = mem_strdup(device);
	if (++m->depth > DEPTH_MAX) {
		cannot(m, str_printf("%s lies on itself", device));
		return mem_strdup("");
	}
	if (k)
		return make_luks(m, k);
	if (volume_of(m, device, &group, &volume))
		return make_volume(m, group, volume);
	const char *number = str_after(device, "/dev/md");
	if (m->raid && number && !isdigit((unsigned char)*number))
		return make_raid(m, device);
	if (!uuid && !label) {
		mem_free(*ret_seen);
		*ret_seen = NULL;
	}
	if (m->raid && number) { // numbers are given anew at each start
		_cleanup_free_ char *node = str_printf("/dev/md/kernix%s", number);
		return make_raid(m, node);
	}
	return make_somewhere(m, root);
}

// --- file systems ---

static const char *const made_types[] = {"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "vfat", "bcachefs"};
static const char *const bare_types[] = {"tmpfs", "ramfs", "proc", "sysfs", "devtmpfs", "none"};

static bool is_in(const char *word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(word, list[i]))
			return true;
	return false;
}

static bool is_bind(const struct initrd_mount *mount)
{
	return strstr(mount->options, "bind") && mount->device[0] == '/' &&
	       !str_has_prefix(mount->device, "/dev/");
}

static bool is_bare(const struct initrd_mount *mount)
{
	return is_bind(mount) || is_in(mount->type, bare_types, ARRAY_SIZE(bare_types));
}

static void add_image(struct maker *m, struct group *g)
{
	struct layout *l = m->l;

	mem_grow(&l->images, &l->image_cap, l->image_count + 1, sizeof(*l->images));
	struct layout_image *image = &l->images[l->image_count++];
	bool vfat = str_eq(g->type, "vfat");
	*image = (struct layout_image){
	        mem_strdup(g->type), uuid_of(g->device), label_of(g->device), str_printf("fs%zu", g->number)};
	if (!image->uuid)
		image->uuid = vfat ? str_printf("6B65-%04zX", g->number) : own_uuid(g->number);
	if (g->seen)
		return;
	g->seen = str_printf("UUID=%s", image->uuid);
}

static bool can_mount(const struct maker *m, const char *type)
{
	return initrd_contents_has_module(m->o->initrd, type) || strv_has(m->o->builtin, type);
}

static bool can_make(const struct maker *m, const char *type)
{
	_cleanup_free_ char *program = can_mount(m, type) ? layout_mkfs(type) : NULL;

	return program != NULL;
}

// The type itself, else the nearest that can be made.
static const char *type_for(struct maker *m, const char *wanted)
{
	static const char *const near[] = {"ext4", "xfs", "btrfs", "f2fs"};
	_cleanup_free_ char *program = layout_mkfs(wanted);

	if (program && is_in(wanted, made_types, ARRAY_SIZE(made_types)))
		return wanted;
	for (size_t i = 0; i < ARRAY_SIZE(near); i++) {
		if (!can_make(m, near[i]))
			continue;
		if (!str_eq(wanted, "auto") && !m->l->instead)
			m->l->instead = str_printf("mkfs.%s is not installed", wanted);
		return near[i];
	}
	cannot(m, str_eq(wanted, "auto") ? mem_strdup("no mkfs for a file system of its initrd is installed")
	                                 : str_printf("mkfs.%s is not installed", wanted));
	return "ext4";
}

static struct group *group_of(struct maker *m, const struct initrd_mount *mount)
{
	for (size_t i = 0; i < m->group_count; i++)
		if (str_eq(m->groups[i].device, mount->device))
			return &m->groups[i];
	mem_grow(&m->groups, &m->group_cap, m->group_count + 1, sizeof(*m->groups));
	m->groups[m->group_count] = (struct group){
	        mem_strdup(mount->device), NULL, type_for(m, mount->type), NULL, m->group_count};
	return &m->groups[m->group_count++];
}

// Where in its file system a mount begins: the subvolume, or "".
static char *inside(struct maker *m, const struct initrd_mount *mount)
{
	bool btrfs = str_eq(mount->type, "btrfs") && str_eq(group_of(m, mount)->type, "btrfs");
	_cleanup_strv_ char **options = btrfs ? strv_split(mount->options, ",") : NULL;

	strv_for_each (option, options) {
		const char *name = str_after(option, "subvol=");
		while (name && *name == '/')
			name++;
		if (name && *name)
			return str_printf("/%s", name);
	}
	return mem_strdup("");
}

// The mount that a path is on, the nearest.
static const struct initrd_mount *mount_of(
        const struct maker *m, const char *path, const struct initrd_mount * not )
{
	const struct initrd_mount *best = NULL;

	for (size_t i = 0; i < m->mount_count; i++) {
		const char *where = m->mounts[i].mount_point;
		const char *rest = str_eq(where, "/") ? path : str_after(path, where);
		if (&m->mounts[i] != not &&rest && (*rest == '/' || !*rest) &&
		        (!best || strlen(where) > strlen(best->mount_point)))
			best = &m->mounts[i];
	}
	return best;
}

// Makes PATH, as the started system sees it, in the file system that holds it.
static void put(struct maker *m, const char *step, const char *path, const struct initrd_mount * not )
{
	const struct initrd_mount *on = mount_of(m, path, not );

	if (!on || (is_bare(on) && !is_bind(on)))
		return;
	const char *rest = str_eq(on->mount_point, "/") ? path : path + strlen(on->mount_point);
	if (is_bind(on)) {
		_cleanup_free_ char *source = str_printf("%s%s", on->device, rest);
		if (m->depth++ < DEPTH_MAX)
			put(m, step, source, on);
		m->depth--;
		return;
	}
	_cleanup_free_ char *sub = inside(m, on);
	_cleanup_free_ char *full = str_printf(TOP_PATH "%zu%s%s", group_of(m, on)->number, sub, rest);
	SAY(m, step, full);
}

static void make_group(struct maker *m, struct group *g, bool root)
{
	m->depth = 0;
	g->made = make_at(m, g->device, &g->seen, root);
	add_image(m, g);
	const char *name = m->l->images[m->l->image_count - 1].name;
	_cleanup_free_ char *file = str_printf("/kernix/%s", name),
	                    *top = str_printf(TOP_PATH "%zu", g->number);
	SAY(m, "fill", g->made, file);
	if (str_eq(g->type, "vfat")) // nothing is looked for on it, and which character sets it needs, its
	                             // options say
		return;
	SAY(m, "mount", g->made, g->type, top);
	close_later(m, "unmount", top);
}

static void fill_groups(struct maker *m)
{
	static const char *const folders[] = {"/dev", "/proc", "/sys", "/run", "/tmp"};
	_cleanup_free_ char *init = layout_param(m->o->params, "init");

	for (size_t i = 0; i < m->mount_count; i++) {
		const struct initrd_mount *mount = &m->mounts[i];
		_cleanup_free_ char *sub = is_bare(mount) ? mem_strdup("") : inside(m, mount), *full = NULL;
		if (!*sub)
			continue;
		full = str_printf(TOP_PATH "%zu%s", group_of(m, mount)->number, sub);
		SAY(m, "subvolume", full);
	}
	m->depth = 0;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		put(m, "folder", folders[i], NULL);
	for (size_t i = 0; i < m->mount_count; i++) {
		if (!str_eq(m->mounts[i].mount_point, "/"))
			put(m, "folder", m->mounts[i].mount_point, &m->mounts[i]);
		if (is_bind(&m->mounts[i]))
			put(m, "folder", m->mounts[i].device, &m->mounts[i]);
	}
	put(m, "init", init ? init : "/sbin/init", NULL);
}

// --- what is wanted ---

static void read_luks(struct maker *m, char *const *words)
{
	_cleanup_buf_ struct buf rest = {0};
	struct luks_row k = {.name = mem_strdup(words[1]), .device = mem_strdup(words[2])};
	const struct {
		const char *word;
		char **where;
	} rows[] = {{"key=", &k.key}, {"key-offset=", &k.offset}, {"key-size=", &k.size}};

	strv_for_each (word, words + 3) {
		bool taken = str_has_prefix(word, "header=") || str_eq(word, "token");
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
			if (str_has_prefix(word, rows[i].word)) {
				*rows[i].where = mem_strdup(str_after(word, rows[i].word));
				taken = true;
			}
		if (!taken)
			buf_addf(&rest, " %s", word);
	}
	k.rest = buf_steal(&rest);
	mem_grow(&m->luks, &m->luks_cap, m->luks_count + 1, sizeof(*m->luks));
	m->luks[m->luks_count++] = k;
}

static void read_storage(struct maker *m)
{
	_cleanup_strv_ char **lines = strv_split(m->o->initrd->storage ? m->o->initrd->storage : "", "\n");

	if (m->o->plain)
		return;
	strv_for_each (line, lines) {
		_cleanup_strv_ char **words = initrd_words(line);
		m->raid = m->raid || str_eq(words ? words[0] : "", "raid");
		m->lvm = m->lvm || str_eq(words ? words[0] : "", "lvm");
		if (strv_len(words) > 2 && str_eq(words[0], "luks"))
			read_luks(m, words);
	}
}

char *layout_param(const char *params, const char *name)
{
	_cleanup_strv_ char **words = cmdline_words(params);
	char *found = NULL;

	strv_for_each (word, words) {
		_cleanup_free_ char *bare = mem_strdup(word);
		char *to = bare;
		for (const char *p = word; *p; p++)
			if (*p != '"')
				*to++ = *p;
		*to = '\0';
		const char *value = str_after(bare, name);
		if (!value || *value != '=')
			continue;
		mem_free(found);
		found = mem_strdup(value + 1);
	}
	return found;
}

// root= wins over the table, as in stage 1. What may be missing is not waited for.
static void read_mounts(struct maker *m, char *root, char *type, char *flags)
{
	const struct initrd_contents *c = m->o->initrd;
	bool had_root = false;

	m->mounts = mem_array(c->mount_count + 1, sizeof(*m->mounts));
	for (size_t i = 0; i < c->mount_count; i++)
		if (str_eq(c->mounts[i].mount_point, "/")) {
			had_root = true;
			type = type ? type : c->mounts[i].type;
		}
	if (root)
		m->mounts[m->mount_count++] = (struct initrd_mount){
		        root, (char *)"/", type ? type : (char *)"auto", flags ? flags : (char *)"defaults"};
	for (size_t i = 0; i < c->mount_count; i++) {
		if (strstr(c->mounts[i].options, "nofail") || (root && str_eq(c->mounts[i].mount_point, "/")))
			continue;
		m->mounts[m->mount_count++] = c->mounts[i];
	}
	if (!root && !had_root)
		cannot(m, mem_strdup("it does not say where its root is"));
}

static void check_mounts(struct maker *m)
{
	for (size_t i = 0; i < m->mount_count; i++) {
		const struct initrd_mount *mount = &m->mounts[i];
		bool known = is_bare(mount) || str_eq(mount->type, "auto") ||
		             is_in(mount->type, made_types, ARRAY_SIZE(made_types));
		if (!known)
			cannot(m, str_printf("%s is %s, of which there is no disposable one",
			                  mount->mount_point, mount->type));
		if (is_bare(mount))
			continue;
		struct luks_row *k = luks_named(m, mount->device);
		if (k)
			k->named = true;
		m->lvm_named = m->lvm_named || is_volume(m, mount->device);
		m->raid_named = m->raid_named || str_has_prefix(mount->device, "/dev/md");
	}
	for (size_t i = 0; i < m->luks_count; i++) {
		m->lvm_named = m->lvm_named || is_volume(m, m->luks[i].device);
		m->raid_named = m->raid_named || str_has_prefix(m->luks[i].device, "/dev/md");
	}
}

// --- the tables ---

// Options that name other devices, or what only the real file system has, are left out.
static char *options_for(struct maker *m, const struct initrd_mount *mount)
{
	static const char *const foreign[] = {
	        "subvolid=", "logdev=", "rtdev=", "journal_dev=", "journal_path=", "device="};
	_cleanup_strv_ char **options = strv_split(mount->options, ","), **kept = NULL;
	bool other = !is_bare(mount) && !str_eq(mount->type, "auto") &&
	             !str_eq(group_of(m, mount)->type, mount->type);

	if (other)
		return mem_strdup("defaults");
	strv_for_each (option, options) {
		bool keep = true;
		for (size_t i = 0; i < ARRAY_SIZE(foreign); i++)
			keep = keep && !str_has_prefix(option, foreign[i]);
		if (keep)
			strv_add(&kept, option);
	}
	return kept ? strv_join(kept, ",") : mem_strdup("defaults");
}

static void write_tables(struct maker *m)
{
	struct layout *l = m->l;

	for (size_t i = 0; i < m->mount_count; i++) {
		const struct initrd_mount *mount = &m->mounts[i];
		_cleanup_free_ char *options = options_for(m, mount);
		const struct group *g = is_bare(mount) ? NULL : group_of(m, mount);
		const char *fields[] = {g ? g->seen : mount->device, mount->mount_point,
		        g && !str_eq(mount->type, "auto") ? g->type : mount->type, options};
		for (size_t k = 0; k < ARRAY_SIZE(fields); k++) {
			add_word(&l->fstab, fields[k]);
			buf_addc(&l->fstab, ' ');
		}
		buf_adds(&l->fstab, "0 0\n");
	}
	buf_adds(&l->storage, m->raid ? "raid\n" : "");
	buf_adds(&l->storage, m->lvm ? "lvm\n" : "");
	for (size_t i = 0; i < m->luks_count; i++) {
		const struct luks_row *k = &m->luks[i];
		const char *const keys[] = {" key=", " key-offset=", " key-size="};
		const char *const values[] = {k->key, k->offset, k->size};
		buf_adds(&l->storage, "luks ");
		add_word(&l->storage, k->name);
		buf_addc(&l->storage, ' ');
		add_word(&l->storage, k->device);
		for (size_t n = 0; n < ARRAY_SIZE(keys); n++)
			if (values[n])
				buf_addf(&l->storage, "%s%s", keys[n], values[n]);
		buf_addf(&l->storage, "%s\n", k->rest);
	}
}

// "ext4 on LUKS, LVM, RAID": what was made at all.
static char *kind_of(const struct maker *m, const char *type)
{
	_cleanup_strv_ char **parts = NULL;

	if (m->luks_count)
		strv_add(&parts, "LUKS");
	if (m->volumes)
		strv_add(&parts, "LVM");
	if (m->arrays)
		strv_add(&parts, "RAID");
	_cleanup_free_ char *list = parts ? strv_join(parts, ", ") : NULL;
	return str_printf("%s%s%s", type, list ? " with " : "", list ? list : "");
}

static void make_all(struct maker *m)
{
	for (size_t i = 0; i < m->mount_count && !m->l->why_not; i++)
		if (!is_bare(&m->mounts[i]) && !group_of(m, &m->mounts[i])->made)
			make_group(m, group_of(m, &m->mounts[i]), str_eq(m->mounts[i].mount_point, "/"));
	// Stage 1 waits for all that it is to open.
	for (size_t i = 0; i < m->luks_count && !m->l->why_not; i++) {
		m->depth = 0;
		mem_free(make_luks(m, &m->luks[i]));
	}
	if (m->l->why_not) // some of them are not made
		return;
	fill_groups(m);
	for (size_t i = strv_len(m->closing); i-- > 0;)
		buf_addf(&m->l->plan, "%s\n", m->closing[i]);
	write_tables(m);
	const struct initrd_mount *first = m->mount_count ? &m->mounts[0] : NULL;
	m->l->kind = kind_of(m, first && is_bare(first) ? first->type
	                        : m->group_count        ? m->groups[0].type
	                                                : "no");
	m->l->encrypted = m->luks_count != 0;
}

static void maker_release(struct maker *m)
{
	for (size_t i = 0; i < m->luks_count; i++) {
		struct luks_row *k = &m->luks[i];
		char *const owned[] = {k->name, k->device, k->key, k->offset, k->size, k->rest, k->made};
		for (size_t n = 0; n < ARRAY_SIZE(owned); n++)
			mem_free(owned[n]);
	}
	for (size_t i = 0; i < m->group_count; i++) {
		mem_free(m->groups[i].device);
		mem_free(m->groups[i].seen);
		mem_free(m->groups[i].made);
	}
	char **const lists[] = {m->volume_groups, m->arrays, m->volumes, m->closing};
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		strv_free(lists[i]);
	mem_free(m->luks);
	mem_free(m->groups);
	mem_free(m->mounts);
}

void layout_make(const struct layout_opts *o, struct layout *ret)
{
	_cleanup_(maker_release) struct maker m = {.o = o, .l = ret};
	_cleanup_free_ char *root = layout_param(o->params, "root"),
	                    *type = layout_param(o->params, "rootfstype"),
	                    *flags = layout_param(o->params, "rootflags");

	read_storage(&m);
	read_mounts(&m, root, type, flags);
	check_mounts(&m);
	if (!ret->why_not)
		make_all(&m);
}

void layout_release(struct layout *l)
{
	for (size_t i = 0; i < l->image_count; i++) {
		struct layout_image *image = &l->images[i];
		char *const owned[] = {image->type, image->uuid, image->label, image->name};
		for (size_t k = 0; k < ARRAY_SIZE(owned); k++)
			mem_free(owned[k]);
	}
	mem_free(l->images);
	buf_release(&l->plan);
	buf_release(&l->fstab);
	buf_release(&l->storage);
	mem_free(l->kind);
	mem_free(l->instead);
	mem_free(l->why_not);
	*l = (struct layout){0};
}
