// SPDX-License-Identifier: GPL-2.0-or-later
// How entries of device tables become aliases. To add a kind of device: a function and a row in dtypes.
#include <ctype.h>
#include <string.h>
#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/devtable.h"

#define ANY32 0xffffffffu

static void add(struct buf *b, const char *sign, bool known, int digits, uint64_t n)
{
	uint64_t mask = digits >= 16 ? ~0ull : (1ull << (digits * 4)) - 1;

	buf_adds(b, sign);
	if (known)
		buf_addf(b, "%0*llX", digits, (unsigned long long)(n & mask));
	else
		buf_addc(b, '*');
}

static bool bad(const struct dentry *d, unsigned fields)
{
	for (unsigned i = 0; i < DEV_FIELDS_MAX; i++)
		if ((fields >> i & 1) && d->v[i].bad)
			return true;
	return false;
}

static bool done(struct buf *b, bool wildcard, demit_fn *emit, void *ctx)
{
	if (wildcard && b->len && b->data[b->len - 1] != '*')
		buf_addc(b, '*');
	emit(ctx, buf_str(b));
	return true;
}

static bool pci(const struct dentry *d, demit_fn *emit, void *ctx)
{
	static const char *const signs[] = {"v", "d", "sv", "sd"};
	_cleanup_buf_ struct buf b = {};
	uint32_t class = (uint32_t)d->v[4].n, mask = (uint32_t)d->v[5].n;

	if (bad(d, 0xbf & ~0x40u))
		return false;
	buf_adds(&b, d->v[7].n ? "vfio_pci:" : "pci:");
	for (int i = 0; i < 4; i++)
		add(&b, signs[i], (uint32_t)d->v[i].n != ANY32, 8, d->v[i].n);
	for (int i = 16; i >= 0; i -= 8) {
		uint32_t part = mask >> i & 0xff;
		if (part && part != 0xff)
			return true; // file2alias leaves it out as well
		add(&b, i == 16 ? "bc" : i ? "sc" : "i", part == 0xff, 2, class >> i);
	}
	return done(&b, true, emit, ctx);
}

struct usb {
	const struct dentry *d;
	demit_fn *emit;
	void *ctx;
	unsigned max;
};

static void usb_range(struct buf *b, unsigned lo, unsigned hi, unsigned max)
{
	if (lo == hi)
		buf_addf(b, "%X", lo);
	else if (lo == 0 && hi >= max)
		return;
	else if (lo > 9 || hi < 10)
		buf_addf(b, "[%X-%X]", lo, hi);
	else {
		buf_addf(b, lo < 9 ? "[%X-9" : "[%X", lo);
		buf_addf(b, hi > 10 ? "A-%X]" : "%X]", hi);
	}
}

static void usb_one(const struct usb *u, unsigned initial, unsigned digits, unsigned lo, unsigned hi)
{
	static const char *const signs[] = {"dc", "dsc", "dp", "ic", "isc", "ip", "in"};
	const struct dvalue *v = u->d->v;
	uint64_t flags = v[0].n;
	_cleanup_buf_ struct buf b = {};

	buf_adds(&b, "usb:");
	add(&b, "v", flags & 1, 4, v[1].n);
	add(&b, "p", flags & 2, 4, v[2].n);
	buf_addc(&b, 'd');
	if (digits)
		buf_addf(&b, "%0*X", (int)digits, initial);
	usb_range(&b, lo, hi, u->max);
	if (digits < 3)
		buf_addc(&b, '*');
	for (int i = 0; i < 7; i++)
		add(&b, signs[i], flags & (0x10u << i), 2, v[5 + i].n);
	done(&b, true, u->emit, u->ctx);
}

// The next or the last number of four digits, decimal ones where max is 9; gives back what was there.
static unsigned step(unsigned *n, int by, unsigned max)
{
	unsigned before = *n, value = 0, base = max > 9 ? 16 : 10;

	for (int i = 3; i >= 0; i--) {
		unsigned digit = before >> (i * 4) & 15;
		value = value * base + MIN(digit, base - 1);
	}
	value += (unsigned)by;
	*n = 0;
	for (int i = 0; i < 4; i++, value /= base)
		*n |= value % base << (i * 4);
	return before;
}

static bool usb(const struct dentry *d, demit_fn *emit, void *ctx)
{
	struct usb u = {d, emit, ctx, 9};
	unsigned lo = d->v[0].n & 4 ? (unsigned)d->v[3].n & 0xffff : 0,
	         hi = d->v[0].n & 8 ? (unsigned)d->v[4].n & 0xffff : ~0u;

	if (bad(d, 0xfff))
		return false;
	for (unsigned i = 0; i < 4; i++)
		if ((lo >> (i * 4) & 15) > 9 || (MIN(hi, 0x9999u) >> (i * 4) & 15) > 9)
			u.max = 15;
	if (!(d->v[1].n | d->v[2].n | d->v[5].n | d->v[8].n))
		return true; // a place that is filled at run time
	for (unsigned digits = 3; lo <= hi; digits--) {
		unsigned a = lo & 15, z = MIN(hi & 15, u.max);
		lo >>= 4;
		hi >>= 4;
		if (lo == hi || !digits) {
			usb_one(&u, lo, digits, a, z);
			break;
		}
		if (a > 0)
			usb_one(&u, step(&lo, 1, u.max), digits, a, u.max);
		if (z < u.max)
			usb_one(&u, step(&hi, -1, u.max), digits, 0, z);
	}
	return true;
}

static bool acpi(const struct dentry *d, demit_fn *emit, void *ctx)
{
	_cleanup_buf_ struct buf b = {};

	if (bad(d, 0xd))
		return false;
	buf_adds(&b, "acpi*:");
	if (d->v[0].s && *d->v[0].s)
		buf_adds(&b, d->v[0].s);
	for (int i = 16; i >= 0 && !(d->v[0].s && *d->v[0].s); i -= 8) {
		if (d->v[3].n >> i & 0xff)
			buf_addf(&b, "%02x", (unsigned)(d->v[2].n >> i & 0xff));
		else
			buf_adds(&b, "??");
	}
	buf_adds(&b, ":*");
	return done(&b, false, emit, ctx);
}

static bool pnp_id(const char *id, demit_fn *emit, void *ctx)
{
	_cleanup_buf_ struct buf b = {}, acpi_alias = {};

	buf_addf(&b, "pnp:d%s*", id);
	buf_adds(&acpi_alias, "acpi*:");
	for (; *id; id++)
		buf_addc(&acpi_alias, (char)toupper((unsigned char)*id));
	buf_adds(&acpi_alias, ":*");
	done(&b, false, emit, ctx);
	return done(&acpi_alias, false, emit, ctx);
}

static bool pnp(const struct dentry *d, demit_fn *emit, void *ctx)
{
	return !bad(d, 1) && (!d->v[0].s || pnp_id(d->v[0].s, emit, ctx));
}

// devs: the ids of all devices of the card, one after the other, with blanks.
static bool pnp_card(const struct dentry *d, demit_fn *emit, void *ctx)
{
	_cleanup_strv_ char **ids = d->v[2].s ? strv_split(d->v[2].s, " ") : NULL;

	strv_for_each (id, ids)
		pnp_id(id, emit, ctx);
	return !bad(d, 4);
}

static bool of(const struct dentry *d, demit_fn *emit, void *ctx)
{
	const char *name = d->v[0].s ? d->v[0].s : "", *type = d->v[1].s ? d->v[1].s : "",
	           *compatible = d->v[2].s;
	_cleanup_buf_ struct buf b = {};

	if (bad(d, 7))
		return false;
	buf_addf(&b, "of:N%sT%s", *name ? name : "*", *type ? type : "*");
	if (compatible && *compatible)
		buf_addf(&b, "%sC%s", *type ? "*" : "", compatible);
	for (size_t i = 0; i < b.len; i++)
		if (isspace((unsigned char)b.data[i]))
			b.data[i] = '_';
	done(&b, false, emit, ctx);
	buf_adds(&b, "C*");
	return done(&b, false, emit, ctx);
}

// Numbers that are '*' when they have their own word for any.
struct part {
	const char *sign;
	unsigned field, digits;
	uint64_t any;
};

static bool numbers(const struct dentry *d, const char *prefix, const struct part *p, size_t n, bool wildcard,
        demit_fn *emit, void *ctx)
{
	_cleanup_buf_ struct buf b = {};

	buf_adds(&b, prefix);
	for (size_t i = 0; i < n; i++) {
		uint64_t mask = (1ull << (p[i].digits * 4)) - 1, v = d->v[p[i].field].n & mask;
		if (d->v[p[i].field].bad)
			return false;
		add(&b, p[i].sign, v != (p[i].any & mask), (int)p[i].digits, v);
	}
	return done(&b, wildcard, emit, ctx);
}

#define NUMBERS(NAME, PREFIX, WILDCARD, ...)                                                                 \
	static bool NAME(const struct dentry *d, demit_fn *emit, void *ctx)                                  \
	{                                                                                                    \
		static const struct part parts[] = {__VA_ARGS__};                                            \
		return numbers(d, PREFIX, parts, ARRAY_SIZE(parts), WILDCARD, emit, ctx);                    \
	}

NUMBERS(hid, "hid:", false, {"b", 0, 4, 0xffff}, {"g", 1, 4, 0}, {"v", 2, 8, ANY32}, {"p", 3, 8, ANY32})
NUMBERS(sdio, "sdio:", true, {"c", 0, 2, 0xff}, {"v", 1, 4, 0xffff}, {"d", 2, 4, 0xffff})
NUMBERS(virtio, "virtio:", true, {"d", 0, 8, ANY32}, {"v", 1, 8, ANY32})
NUMBERS(serio, "serio:", true, {"ty", 0, 2, 0xff}, {"pr", 3, 2, 0xff}, {"id", 2, 2, 0xff}, {"ex", 1, 2, 0xff})
NUMBERS(ssb, "ssb:", true, {"v", 0, 4, 0xffff}, {"id", 1, 4, 0xffff}, {"rev", 2, 2, 0xff})
NUMBERS(bcma, "bcma:", true, {"m", 0, 4, 0xffff}, {"id", 1, 4, 0xffff}, {"rev", 2, 2, 0xff},
        {"cl", 3, 2, 0xff})
NUMBERS(hdaudio, "hdaudio:", true, {"v", 0, 8, 0}, {"r", 1, 8, 0}, {"a", 2, 2, 0})
NUMBERS(sdw, "sdw:", true, {"m", 0, 4, 0}, {"p", 1, 4, 0}, {"v", 2, 2, 0}, {"c", 3, 2, 0})

static bool ieee1394(const struct dentry *d, demit_fn *emit, void *ctx)
{
	static const char *const signs[] = {"ven", "mo", "sp", "ver"};
	_cleanup_buf_ struct buf b = {};

	if (bad(d, 0x1f))
		return false;
	buf_adds(&b, "ieee1394:");
	for (int i = 0; i < 4; i++)
		add(&b, signs[i], d->v[0].n & (1u << i), 8, d->v[1 + i].n);
	return done(&b, true, emit, ctx);
}

static bool x86cpu(const struct dentry *d, demit_fn *emit, void *ctx)
{
	_cleanup_buf_ struct buf b = {};

	if (bad(d, 0x17))
		return false;
	buf_adds(&b, "cpu:type:x86,");
	add(&b, "ven", (d->v[0].n & 0xffff) != 0xffff, 4, d->v[0].n);
	add(&b, "fam", d->v[1].n != 0, 4, d->v[1].n);
	add(&b, "mod", d->v[2].n != 0, 4, d->v[2].n);
	buf_adds(&b, ":feature:*");
	if (d->v[4].n)
		buf_addf(&b, "%04X*", (unsigned)d->v[4].n);
	return done(&b, false, emit, ctx);
}

static bool mdio(const struct dentry *d, demit_fn *emit, void *ctx)
{
	_cleanup_buf_ struct buf b = {};

	if (bad(d, 3))
		return false;
	buf_adds(&b, "mdio:");
	for (int i = 31; i >= 0; i--)
		buf_addc(&b, !(d->v[1].n >> i & 1) ? '?' : d->v[0].n >> i & 1 ? '1' : '0');
	return done(&b, false, emit, ctx);
}

static bool named(const struct dentry *d, const char *prefix, bool capitals, demit_fn *emit, void *ctx)
{
	_cleanup_buf_ struct buf b = {};

	if (bad(d, 1))
		return false;
	buf_adds(&b, prefix);
	for (const char *s = d->v[0].s ? d->v[0].s : ""; *s; s++)
		buf_addc(&b, capitals ? (char)toupper((unsigned char)*s) : *s);
	return done(&b, false, emit, ctx);
}

#define NAMED(NAME, PREFIX, CAPITALS)                                                                        \
	static bool NAME(const struct dentry *d, demit_fn *emit, void *ctx)                                  \
	{                                                                                                    \
		return named(d, PREFIX, CAPITALS, emit, ctx);                                                \
	}

NAMED(i2c, "i2c:", false)
NAMED(spi, "spi:", false)
NAMED(platform, "platform:", false)
NAMED(auxiliary, "auxiliary:", false)
NAMED(rpmsg, "rpmsg:", false)
NAMED(mhi, "mhi:", false)
NAMED(wmi, "wmi:", true)

// The bytes of the GUID in memory: the first three numbers are little-endian.
static bool vmbus(const struct dentry *d, demit_fn *emit, void *ctx)
{
	static const char order[] = {6, 7, 4, 5, 2, 3, 0, 1, 11, 12, 9, 10, 16, 17, 14, 15};
	_cleanup_buf_ struct buf b = {};
	const char *text = d->v[0].s;

	if (bad(d, 1) || !text || strlen(text) != 36)
		return false;
	buf_adds(&b, "vmbus:");
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		buf_addc(&b, text[(int)order[i]]);
	for (const char *p = text + 19; *p; p++)
		if (*p != '-')
			buf_addc(&b, *p);
	return done(&b, false, emit, ctx);
}

static bool mei(const struct dentry *d, demit_fn *emit, void *ctx)
{
	_cleanup_buf_ struct buf b = {};

	if (bad(d, 7) || !d->v[1].s)
		return false;
	buf_addf(&b, "mei:%s:%s", d->v[0].s && *d->v[0].s ? d->v[0].s : "*", d->v[1].s);
	add(&b, ":", (d->v[2].n & 0xff) != 0xff, 2, d->v[2].n);
	buf_adds(&b, ":*");
	return done(&b, false, emit, ctx);
}

// The value of a field in "NAME TEXT" lines; its length, 0: not there.
static size_t match_of(const char *lines, const char *field, const char **ret)
{
	size_t n = strlen(field);

	for (const char *p = lines; *p; p += strcspn(p, "\n"), p += *p == '\n')
		if (!strncmp(p, field, n) && p[n] == ' ') {
			*ret = p + n + 1;
			return strcspn(*ret, "\n");
		}
	return 0;
}

static bool dmi(const struct dentry *d, demit_fn *emit, void *ctx)
{
	static const char *const fields[][2] = {{"bvn", "DMI_BIOS_VENDOR"}, {"bvr", "DMI_BIOS_VERSION"},
	        {"bd", "DMI_BIOS_DATE"}, {"br", "DMI_BIOS_RELEASE"}, {"efr", "DMI_EC_FIRMWARE_RELEASE"},
	        {"svn", "DMI_SYS_VENDOR"}, {"pn", "DMI_PRODUCT_NAME"}, {"pvr", "DMI_PRODUCT_VERSION"},
	        {"rvn", "DMI_BOARD_VENDOR"}, {"rn", "DMI_BOARD_NAME"}, {"rvr", "DMI_BOARD_VERSION"},
	        {"cvn", "DMI_CHASSIS_VENDOR"}, {"ct", "DMI_CHASSIS_TYPE"}, {"cvr", "DMI_CHASSIS_VERSION"}};
	_cleanup_buf_ struct buf b = {};
	const char *text = NULL;

	if (bad(d, 4))
		return false;
	buf_adds(&b, "dmi*");
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		size_t n = match_of(d->v[2].s ? d->v[2].s : "", fields[i][1], &text);
		if (!n)
			continue;
		buf_addf(&b, ":%s*", fields[i][0]);
		for (size_t k = 0; k < n; k++)
			if (text[k] > ' ' && text[k] < 127 && text[k] != ':')
				buf_addc(&b, text[k]);
		buf_addc(&b, '*');
	}
	buf_addc(&b, ':');
	return done(&b, false, emit, ctx);
}

static bool pcmcia(const struct dentry *d, demit_fn *emit, void *ctx)
{
	static const struct {
		const char *sign;
		unsigned flag, field;
		int digits;
	} parts[] = {{"m", 1, 1, 4}, {"c", 2, 2, 4}, {"f", 4, 3, 2}, {"fn", 8, 4, 2}, {"pfn", 0x100, 5, 2}};
	_cleanup_buf_ struct buf b = {};
	uint64_t flags = d->v[0].n;

	if (bad(d, 0x7f))
		return false;
	buf_adds(&b, "pcmcia:");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		add(&b, parts[i].sign, flags & parts[i].flag, parts[i].digits, d->v[parts[i].field].n);
	for (unsigned i = 0; i < 4; i++) {
		char sign[] = {'p', (char)('a' + i), '\0'};
		add(&b, sign, flags & (0x10u << i), 8, d->v[6].list[i]);
	}
	return done(&b, true, emit, ctx);
}

// Bit maps: a number and ",*" for each bit that the device must have.
static bool input(const struct dentry *d, demit_fn *emit, void *ctx)
{
	static const struct {
		const char *sign;
		unsigned min, max;
	} maps[] = {{"-e*", 0, 0x1f}, {"k*", 0x71, 0x2ff}, {"r*", 0, 0xf}, {"a*", 0, 0x3f}, {"m*", 0, 7},
	        {"l*", 0, 0xf}, {"s*", 0, 7}, {"f*", 0, 0x7f}, {"w*", 0, 0x10}};
	static const char *const signs[] = {"b", "v", "p", "e"};
	_cleanup_buf_ struct buf b = {};

	if (bad(d, 0x3fff))
		return false;
	buf_adds(&b, "input:");
	for (unsigned i = 0; i < ARRAY_SIZE(signs); i++)
		add(&b, signs[i], d->v[0].n & (1u << i), 4, d->v[1 + i].n);
	for (unsigned i = 0; i < ARRAY_SIZE(maps); i++) {
		buf_adds(&b, maps[i].sign);
		for (unsigned bit = maps[i].min; bit <= maps[i].max && (d->v[0].n & (0x10u << i)); bit++)
			if (d->v[5 + i].list[bit / 64] >> (bit % 64) & 1)
				buf_addf(&b, "%X,*", bit);
	}
	return done(&b, false, emit, ctx);
}

const struct dtype dtypes[] = {
        {"pci", "pci vfio_pci",
                "vendor device subvendor subdevice class class_mask driver_data override_only", pci},
        {"usb", "usb",
                "match_flags idVendor idProduct bcdDevice_lo bcdDevice_hi bDeviceClass bDeviceSubClass "
                "bDeviceProtocol bInterfaceClass bInterfaceSubClass bInterfaceProtocol bInterfaceNumber "
                "driver_info",
                usb},
        {"acpi", "acpi", "\"id driver_data cls cls_msk", acpi},
        {"pnp", "acpi pnp", "\"id driver_data", pnp},
        {"pnp_card", "acpi pnp", "\"id driver_data \"devs", pnp_card},
        {"of", "of", "\"name \"type \"compatible data", of},
        {"hid", "hid", "bus group vendor product driver_data", hid},
        {"sdio", "sdio", "class vendor device driver_data", sdio},
        {"virtio", "virtio", "device vendor", virtio},
        {"serio", "serio", "type extra id proto", serio},
        {"ssb", "ssb", "vendor coreid revision", ssb},
        {"bcma", "bcma", "manuf id rev class", bcma},
        {"hdaudio", "hdaudio", "vendor_id rev_id api_version name driver_data", hdaudio},
        {"sdw", "sdw", "mfg_id part_id sdw_version class_id driver_data", sdw},
        {"ieee1394", "ieee1394", "match_flags vendor_id model_id specifier_id version driver_data", ieee1394},
        {"x86cpu", "cpu", "vendor family model steppings feature flags driver_data", x86cpu},
        {"mdio", "mdio", "phy_id phy_id_mask", mdio},
        {"i2c", "i2c", "\"name driver_data", i2c},
        {"spi", "spi", "\"name driver_data", spi},
        {"platform", "platform", "\"name driver_data", platform},
        {"auxiliary", "auxiliary", "\"name driver_data", auxiliary},
        {"rpmsg", "rpmsg", "\"name driver_data", rpmsg},
        {"mhi", "mhi", "\"chan driver_data", mhi},
        {"wmi", "wmi", "\"guid_string context", wmi},
        {"vmbus", "vmbus", "%guid driver_data", vmbus},
        {"mei", "mei", "\"name %uuid version driver_info", mei},
        {"dmi", "dmi", "driver_callback \"ident ~matches driver_data", dmi},
        {"pcmcia", "pcmcia",
                "match_flags manf_id card_id func_id function device_no #prod_id_hash driver_prod_id "
                "driver_info",
                pcmcia},
        {"input", "input",
                "flags bustype vendor product version #evbit #keybit #relbit #absbit #mscbit #ledbit #sndbit "
                "#ffbit #swbit driver_propbit driver_info",
                input},
        {NULL},
};

bool dtypes_have(const char *alias)
{
	for (const struct dtype *t = dtypes; t->name; t++)
		if (dtype_has_prefix(t, alias))
			return true;
	return false;
}

bool dtype_has_prefix(const struct dtype *t, const char *alias)
{
	size_t n = strcspn(alias, ":*");
	_cleanup_strv_ char **v = strv_split(t->prefix, " ");

	strv_for_each (p, v)
		if (strlen(p) == n && !memcmp(p, alias, n))
			return true;
	return false;
}
