#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What one asks about a kernel tree: kernix config search, show, what-if, builds, hardware. Exit statuses: 0 found, 1 nothing found or does not
# hold, 2 an error.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/cmd/lib.sh
. tests/kconfig/mini-tree.sh
export XDG_CACHE_HOME=$work/cache NIX_REMOTE="local?root=$work/store" NIX_PATH=nixpkgs=$PWD/nixpkgs
unset NIXOS_CONFIG
tree=$work/tree
mini_tree "$tree"
mkdir "$tree/scripts"
cat >>"$tree/Kconfig" <<'X'
menu "Gadgets (small)"
	depends on NET
config GADGET
	tristate "A gadget" if EXPERT
	default BUS if DRIVER
	select LIBRARY if USER
	imply SECOND
	help
	  The GADGET of Acme.
	    Indented: c++.

	  Second paragraph, zażółć.

config GADGET_DEBUG
	bool "debug it"
	depends on GADGET && !USER
endmenu
X
config() { timeout 60 "$KERNIX_BUILD/kernix" config "$@"; }
kernix=$(realpath "$KERNIX_BUILD")/kernix
status() { # NAME STATUS 'TEXT|!TEXT|...' COMMAND...: ends so, and says each text (! in front: does not)
  local name=$1 want=$2 texts=$3 text missing= r
  shift 3
  "$@" >"$work/out" 2>&1
  r=$?
  [ $r = "$want" ] || missing=" status $r, not $want"
  local IFS='|'
  for text in $texts; do
    case $text in
      !*) grep -qF -- "${text#!}" "$work/out" && missing="$missing says [${text#!}]" ;;
      *) grep -qF -- "$text" "$work/out" || missing="$missing lacks [$text]" ;;
    esac
  done
  if [ -z "$missing" ]; then ok "$name"; else
    echo "$missing" >>"$work/out"
    bad "$name" "$work/out"
  fi
}
json() { # NAME FILTER COMMAND...: its JSON makes the filter true
  local name=$1 filter=$2
  shift 2
  "$@" >"$work/json" 2>"$work/err"
  if [ -s "$work/json" ] && jq -e "$filter" "$work/json" >"$work/out" 2>&1; then ok "$name"; else
    cat "$work/json" "$work/err" >>"$work/out"
    bad "$name" "$work/out"
  fi
}
from=(--source "$tree" --arch x86_64)
based=("${from[@]}" --base defconfig)

# What is built by what. The top is Kbuild; a folder is entered by two ways.
cat >"$tree/Kbuild" <<'X'
obj-y += kernel/
obj-$(CONFIG_NET) += drivers/
obj-y += arch/$(SRCARCH)/
X
cat >>"$tree/Kconfig" <<'X'
config 64BIT
	def_bool y
X
mkdir -p "$tree"/drivers/{net/xfs,many,parts/sub,fmt} "$tree/kernel" "$tree/arch/x86/pci"
echo 'obj-$(CONFIG_NET) += net/' >"$tree/drivers/Kbuild"
echo 'garbage in a Makefile beside a Kbuild' >"$tree/drivers/Makefile"
cat >>"$tree/drivers/Kbuild" <<'X'
obj-$(CONFIG_DRIVER) += many/
obj-$(CONFIG_SECOND) += many/
obj-y += parts/ fmt/ # a comment
X
echo 'obj-m += extra.o' >"$tree/drivers/net/xfs/Makefile"
printf 'obj-$(CONFIG_USER) += two-ways.o\nobj-$(CONFIG_NO_SUCH) += never.o\n' >"$tree/drivers/many/Makefile"
cat >"$tree/drivers/parts/Makefile" <<'X'
# Composites: -objs, -y, -$(CONFIG), lists of lists, functions, conditionals, includes.
PARTS := $(addprefix sub/, one.o two.o)
more-$(CONFIG_USER) += user.o
ifdef CONFIG_EXPERT
	more-y += expert.o
else ifeq ($(CONFIG_BUS),m)
more-y += busm.o
else
more-y += plain.o
endif
ifneq ($(CONFIG_USER)$(CONFIG_EXPERT),)
more-y += either.o
endif
ifeq ($(SRCARCH),arm64)
obj-y += armonly.o
endif
obj-$(CONFIG_GADGET) += gadget.o
gadget-objs := core.o \
  $(PARTS) $(more-y)
gadget-$(CONFIG_GADGET_DEBUG) += debug_$(BITS).o
include $(src)/more.mk
obj-$(subst m,y,$(CONFIG_SECOND)) += builtin.o
my-$(CONFIG_USER) := gated.o
obj-$(CONFIG_DRIVER) += $(my-y)
define OBJ
pre-$(1)-y := $(1).o
obj-$(2) += pre-$(1).o
endef
t-$(CONFIG_SECOND) += evaluated.o
$(foreach t, $(basename $(t-y)), $(eval $(call OBJ,$(t),y)))
$(foreach t, $(basename $(t-m)), $(eval $(call OBJ,$(t),m)))
%.o: %.c
	obj-y += recipe.o
obj-$(CONFIG_XFS_FS) += last.o last2.o \
X
echo 'gadget-y += $(patsubst %.c,%.o,included.c)' >"$tree/drivers/parts/more.mk"
printf 'obj-y += core.o\nlib-y += helper.o\n' >"$tree/kernel/Makefile"
printf '# include "in.c"\n#include "../parts/../kernel/in.c"\n' >"$tree/kernel/core.c"
touch "$tree/kernel/in.c" "$tree/kernel/orphan.c" "$tree/kernel/a.h"
echo 'drivers-$(CONFIG_BUS) += arch/x86/pci/' >"$tree/arch/x86/Makefile"
echo 'obj-y := common.o' >"$tree/arch/x86/pci/Makefile"
printf 'obj-y += $(obj-y)\ninclude $(src)/Makefile\nobj-$(CONFIG_USER) += loop.o\nobj-y += ../fmt/\n' >"$tree/drivers/fmt/Makefile"

# Search.
json "search: by name, then prompt, then help" 'map([.name, .by]) == [["DRIVER","name"],["SECOND","prompt"]]' config search driver "${from[@]}" --json
status "search: the line of the help" 0 'DRIVER (tristate)|| Was OLD_DRIVER before.|Kconfig:13' config search 'old_driver' "${from[@]}"
status "search: capitals count" 1 "no option's name, prompt or help matches 'Driver'" config search 'Driver' "${from[@]}"
json "search: nothing found is an empty list" '. == []' config search nothing_of_that "${from[@]}" --json
status "search: and status 1" 1 '' config search nothing_of_that "${from[@]}" --json
json "search: several must all match" 'map(.name) == ["GADGET"]' config search acme 'indent.d' "${from[@]}" --json
json "search: anchors are of one line" 'map(.name) == ["GADGET"]' config search '^second p.*[[:punct:]]' "${from[@]}" --json
json "search: the name with CONFIG_" 'map(.name) == ["GADGET","GADGET_DEBUG"]' config search '^CONFIG_GADGET' "${from[@]}" --json
json "search: a choice is found" '.[0].type == "choice" and .[0].name == null' config search '^speed$' "${from[@]}" --json
json "search: values where there is a base" '.[0].value == "m" and .[0].written' config search '^driver$' "${based[@]}" --json
json "search: none without one" '.[0] | has("value") | not' config search '^driver$' "${from[@]}" --json
status "search: no regular expression" 2 "'(a' is no regular expression|Unmatched (|gets a backslash" config search '(a' "${from[@]}"
status "search: an empty one" 2 "an empty regular expression" config search '' "${from[@]}"
status "search: no word" 2 "search REGEX..." config search "${from[@]}"
status "search: no tree" 2 "no such source tree" config search x --source "$work/none"
status "search: no kernel is named" 2 "--source DIR|stand in" env -C "$work" "$kernix" config search x
status "search: an unknown option" 2 "--sauce" config search x --sauce "$tree"
status "search: the tree that one stands in" 0 "GADGET" env -C "$tree" "$kernix" config search gadget

# Show.
status "show: all of it" 0 \
  'GADGET (tristate) = m|"A gadget" if EXPERT|in the menu: Gadgets (small)|      The GADGET of Acme.|        Indented: c++.|zażółć|depends on: NET [=y]|default: BUS [=m] if DRIVER [=m]|selects: LIBRARY [=n] if USER [=n]|implies: SECOND|depend on it (1): GADGET_DEBUG' \
  config show CONFIG_GADGET "${based[@]}"
json "show --json" '.definitions[0].menu == ["Gadgets (small)"] and (.["needed by"] | map(.name)) == ["GADGET_DEBUG"] and (.defaults[0].if == "DRIVER") and .definitions[0].help[0:9] == "The GADGE"' \
  config show GADGET "${from[@]}" --json
json "show: who selects and implies" '.[0]["selected by"] == [] and (.[0]["implied by"] | map(.name)) == ["GADGET"] and (.[1]["selected by"] | map([.name, .if])) == [["USER", null], ["GADGET", "USER"]]' \
  config show SECOND LIBRARY "${from[@]}" --json
status "show: a member of a choice" 0 'one of the choice "speed"|SPEED_100 [=y], SPEED_250' config show SPEED_250 "${based[@]}"
status "show: default, range" 0 'range: [2 64]|default: 8' config show NUMBER "${based[@]}"
status "show: an unknown one is status 1" 1 "GADGTE: no Kconfig file|names like it: GADGET" config show GADGTE "${from[@]}"
status "show: no word" 2 "which symbol" config show "${from[@]}"

# What if.
status "what-if: both ways" 0 '3 options would change|  DRIVER m -> n|  GADGET m -> (not in .config)' config what-if DRIVER=n "${based[@]}" --all
status "what-if: nothing changes" 0 'nothing would change' config what-if DRIVER=m CONFIG_TEXT='"none"' "${based[@]}"
status "what-if: it does not hold, and why" 1 'DRIVER: wanted y, got m|BUS is m|BUS = lib.kernel.yes|nothing would change' config what-if DRIVER=y "${based[@]}"
status "what-if: together it does" 0 '  DRIVER m -> y|  BUS m -> y' config what-if DRIVER=y BUS=y "${based[@]}"
json "what-if --json" '.ok and .changes == [{"name":"LIBRARY","now":"n","then":"y"},{"name":"USER","now":"n","then":"y"}]' config what-if USER=y "${based[@]}" --json
json "what-if --json, does not hold" '(.ok | not) and .failures[0].name == "LIBRARY" and .changes == []' config what-if LIBRARY=z "${based[@]}" --json
echo '{"USER":"y","NUMBER":"9"}' >"$work/request.json"
status "what-if: beside what is asked for" 0 '  USER y -> n|  LIBRARY y -> n|!NUMBER' config what-if USER=n "${based[@]}" --request "$work/request.json" --all
status "what-if: an unknown option" 2 "NUMBRE: no Kconfig file|names like it: NUMBER" config what-if NUMBRE=3 "${based[@]}"
status "what-if: no value" 2 "DRIVER: no value is given|DRIVER=y" config what-if DRIVER "${based[@]}"
status "what-if: no base" 2 "from which configuration|--base defconfig" config what-if DRIVER=n "${from[@]}"
config solve "${based[@]}" -o "$tree/.config"
status "what-if --lines" 1 'CONFIG_BUS=y|!lib.kernel' config what-if DRIVER=y "${based[@]}" --lines
status "what-if of a random configuration: of one, not of two" 0 '1 option would change|  NUMBER 8 -> 9' \
  config what-if NUMBER=9 "${from[@]}" --base randconfig
status "what-if: the tree's own .config is the base" 0 "  DRIVER m -> n" env -C "$tree" "$kernix" config what-if DRIVER=n
rm "$tree/.config"
# Builds.
option() { # NAME OPTION WORD: is built by that option
  json "builds: $1" "length > 0 and .[0].option.name == \"$2\"" config builds "$3" "${based[@]}" --json
}
option "a module by its name" DRIVER the_driver
option "with - or _, .ko, packed" DRIVER /lib/modules/6.1/kernel/drivers/net/the-driver.ko.xz
option "a source file" DRIVER drivers/net/the-driver.c
option "an object of a composite" GADGET drivers/parts/core.o
option "from functions" GADGET drivers/parts/sub/two.c
option "from an included Makefile" GADGET drivers/parts/included.c
option "a file's name alone" GADGET included.c
option "by define, foreach and eval" SECOND pre-evaluated
option "a continued last line" XFS_FS last2
option "an architecture's folder" BUS arch/x86/pci/common.c
option "a folder" NET drivers/net/
option "below a loop of includes" USER drivers/fmt/loop.c
option "a list that an option fills" USER gated
json "builds: parts and their conditions" '[.[] | .["part if"]] == [["EXPERT"],["!EXPERT","BUS=m"],["!EXPERT","BUS!=m"],["any of USER EXPERT"],["GADGET_DEBUG","64BIT"]] and all(.whole == "drivers/parts/gadget.o")' \
  config builds drivers/parts/{expert,busm,plain,either,debug_64}.c "${based[@]}" --json
json "builds: values" 'map(.value) == ["m","n","m","m","y","y","n"]' \
  config builds drivers/parts/{core,expert,busm}.c the_driver kernel/helper.c drivers/parts/builtin.c drivers/many/two-ways.o "${based[@]}" --json
json "builds: what a bool gates is a module" 'map([.kind, .value]) == [["module","n"]]' config builds gated "${based[@]}" --json
status "builds: the way to a folder by either option" 0 'drivers/many/ needs DRIVER, or SECOND' config builds two-ways "${from[@]}"
status "builds: always" 0 'kernel/core.o: object|it is always built' config builds kernel/core.c "${from[@]}"
status "builds: included by another" 0 'kernel/core.o: includes kernel/in.c, object' config builds kernel/in.c "${from[@]}"
status "builds: an option that is nowhere" 0 'by NO_SUCH, which no Kconfig file of this architecture defines' config builds never "${from[@]}"
status "builds: of another architecture" 1 'armonly: no module' config builds armonly "${from[@]}"
status "builds: a recipe is none" 1 'recipe.o' config builds drivers/parts/recipe.o "${from[@]}"
status "builds: a file that nothing builds" 1 'kernel/orphan.c: no Makefile of this architecture lists it' config builds kernel/orphan.c "${from[@]}"
status "builds: a header" 1 'a header is not built by itself' config builds kernel/a.h "${from[@]}"
status "builds: no such file" 1 'no such file or folder in this tree' config builds kernel/none.c "${from[@]}"
status "builds: one of two is found" 1 'nothing_such: no module|the_driver' config builds nothing_such the_driver "${from[@]}"
status "builds: a path from where one stands" 0 'part of the module gadget' env -C "$tree/drivers/parts" "$kernix" config builds ./core.c --source "$tree" --arch x86_64
status "builds: no word" 2 'which option builds what' config builds "${from[@]}"
status "builds --all: modules of a configuration" 0 'm drivers/net/the-driver DRIVER|m drivers/parts/pre-evaluated SECOND|!gated|!never|m drivers/net/xfs/extra XFS_FS' config builds --all "${based[@]}"
status "builds --all: no base" 2 'which one? --base' config builds --all "${from[@]}"
# Devices. Tables in every way that drivers write them.
mkdir -p "$tree/include/linux" "$tree/drivers/ids"
cat >>"$tree/drivers/Kbuild" <<'X'
obj-$(CONFIG_NET) += ids/
X
cat >"$tree/drivers/ids/Makefile" <<'X'
obj-$(CONFIG_DRIVER) += pcidrv.o
pcidrv-y := pci-main.o
obj-$(CONFIG_SECOND) += usbdrv.o aliases.o
obj-$(CONFIG_XFS_FS) += acpidrv.o
X
cat >"$tree/include/linux/pci.h" <<'X'
#ifndef LINUX_PCI_H
#define LINUX_PCI_H
#include <linux/pci_ids.h>
#define PCI_ANY_ID (~0)
#define PCI_DEVICE(vend,dev) \
	.vendor = (vend), .device = (dev), \
	.subvendor = PCI_ANY_ID, .subdevice = PCI_ANY_ID
#define PCI_VDEVICE(vend, dev) \
	.vendor = PCI_VENDOR_ID_##vend, .device = (dev), \
	.subvendor = PCI_ANY_ID, .subdevice = PCI_ANY_ID, 0, 0
#define PCI_DEVICE_CLASS(dev_class,dev_class_mask) \
	.class = (dev_class), .class_mask = (dev_class_mask), .vendor = PCI_ANY_ID, .device = PCI_ANY_ID, .subvendor = PCI_ANY_ID, .subdevice = PCI_ANY_ID
#endif
X
printf '#define PCI_VENDOR_ID_ACME 0x8086 /* not "really" */\n#define PCI_CLASS_DISK_AHCI 0x010601\n' >"$tree/include/linux/pci_ids.h"
cat >"$tree/drivers/ids/local.h" <<'X'
enum { DEV_FIRST = 0x1000, DEV_SECOND, DEV_TENTH = DEV_FIRST + 9, };
#define MY(dev, data) { PCI_VDEVICE(ACME, dev), (unsigned long)(data) }
#define TWO(dev) MY(dev, 1), MY(dev | 1, 2)
X
cat >"$tree/drivers/ids/pci-main.c" <<'X'
#include <linux/pci.h>
#include "local.h"
/* MODULE_DEVICE_TABLE(pci, commented); */
static const struct pci_device_id main_ids[] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_ACME, 0x10d3), .driver_data = 1 }, // "quoted { brace
	{ 0x8086, 0x10F6, PCI_ANY_ID, 0x0002, 0, 0, 7 },
	MY(DEV_SECOND, 3),
	TWO(0x2000),
	[5] = { PCI_DEVICE_CLASS(PCI_CLASS_DISK_AHCI, 0xffffff) },
#ifdef CONFIG_DRIVER
	{ PCI_VDEVICE(ACME, DEV_TENTH) },
#endif
#if 0
	{ PCI_VDEVICE(ACME, 0xdead) },
#endif
	{ PCI_DEVICE(sizeof(int), 0x4444) },
	{ }
};
MODULE_DEVICE_TABLE(pci, main_ids);
X
cat >"$tree/drivers/ids/usbdrv.c" <<'X'
#define USB_DEVICE(v, p) .match_flags = 3, .idVendor = (v), .idProduct = (p)
#define USB_DEVICE_VER(v, p, lo, hi) .match_flags = 3 | 4 | 8, .idVendor = (v), .idProduct = (p), .bcdDevice_lo = (lo), .bcdDevice_hi = (hi)
#define IDS() { USB_DEVICE(0x0bda, 0x8153) }, { USB_DEVICE(0x0bda, 0x8152) }
static const struct usb_device_id ids [] = { IDS(), {USB_DEVICE_VER(0x1234, 0x5678, 0x0102, 0x0145)},
	{ .match_flags = 0x80 | 0x100, .bInterfaceClass = 0x08, .bInterfaceSubClass = 6 }, {} };
MODULE_DEVICE_TABLE(usb, ids);
X
cat >"$tree/drivers/ids/acpidrv.c" <<'X'
static const struct acpi_device_id a_ids[] = { {"PNP0C0A", 0}, { .id = "ACM" "E0001" }, { .cls = 0x010601, .cls_msk = 0xffffff }, {"", 0} };
MODULE_DEVICE_TABLE(acpi, a_ids);
static const struct of_device_id o_ids[] = { { .compatible = "acme,gadget" }, { /* end */ } };
MODULE_DEVICE_TABLE(of, o_ids);
static const struct pnp_device_id p_ids[] = { { .id = "acm00ff" }, {} };
MODULE_DEVICE_TABLE(pnp, p_ids);
X
cat >"$tree/drivers/ids/aliases.c" <<'X'
#define __stringify_1(x...) #x
#define __stringify(x...) __stringify_1(x)
#define MODULE_ALIAS_NETPROTO(proto) MODULE_ALIAS("net-pf-" __stringify(proto))
#define PF_ACME 16
MODULE_ALIAS("platform:acme-gadget");
MODULE_ALIAS_NETPROTO(PF_ACME);
#include "aliases.c"
X
# Tables in a header, made of one that is included in their midst, begun by a macro; a string in a define.
mkdir -p "$tree/drivers/ids/include"
echo 'obj-$(CONFIG_SECOND) += odd.o' >>"$tree/drivers/ids/Makefile"
# Kinds with GUIDs, matches and bit maps.
echo 'obj-$(CONFIG_DRIVER) += guests.o' >>"$tree/drivers/ids/Makefile"
cat >"$tree/drivers/ids/guests.c" <<'X'
#define HV_DISK_GUID .guid = GUID_INIT(0xba6163d9, 0x04a1, 0x4d29, 0xb6, 0x05, 0x72, 0xe2, 0xff, 0xb1, 0xdc, 0x7f)
#define MEI_UUID UUID_LE(0x0bb17a78, 0x2a8e, 0x4c50, 0x94, 0xd4, 0x50, 0x26, 0x67, 0x23, 0x77, 0x5c)
#define DMI_MATCH(a, b) { .slot = a, .substr = b }
#define BIT_MASK(nr) (1UL << ((nr) % 64))
static const struct hv_vmbus_device_id v_ids[] = { { HV_DISK_GUID, .driver_data = 1 }, { }, };
MODULE_DEVICE_TABLE(vmbus, v_ids);
static const struct mei_cl_device_id m_ids[] = { { "acme", MEI_UUID, 0xff }, { } };
MODULE_DEVICE_TABLE(mei, m_ids);
static const struct dmi_system_id d_ids[] = {
	{ .callback = call, .ident = "ACME", .matches = { DMI_MATCH(DMI_PRODUCT_NAME, "Lap book:5"), DMI_MATCH(DMI_SYS_VENDOR, "ACME"), }, },
	{ }
};
MODULE_DEVICE_TABLE(dmi, d_ids);
static const struct pcmcia_device_id c_ids[] = { { .match_flags = 0x31, .manf_id = 0x12, .prod_id = { "a", "b", 0, 0 }, .prod_id_hash = { 0x12345678, 0x9abcdef0, 0, 0 } }, { } };
MODULE_DEVICE_TABLE(pcmcia, c_ids);
static const struct input_device_id i_ids[] = { { .flags = 0x31, .bustype = 3, .evbit = { BIT_MASK(1) | BIT_MASK(3) }, .keybit = { [0x110 / 64] = BIT_MASK(0x110) } }, { } };
MODULE_DEVICE_TABLE(input, i_ids);
X
cat >"$tree/drivers/ids/whole-table.h" <<'X'
static const struct pci_device_id whole_ids[] = { { PCI_DEVICE(0x8086, 0x7005) }, { } };
MODULE_DEVICE_TABLE(pci, whole_ids);
X
echo '#include "whole-table.h"' >"$tree/drivers/ids/between.h"
cat >"$tree/drivers/ids/odd.c" <<'X'
#include "between.h"
#include <in_folder.h>
#include <linux/pci.h>
#include "table.h"
#define BEGIN \
	static const struct pci_device_id begun_ids[] = {
#define BOTH
#define ENTRY(d) { PCI_VDEVICE(ACME, d), 4 }
#include "begun.h"
MODULE_DEVICE_TABLE(pci, begun_ids);
MODULE_DEVICE_TABLE(pci, header_ids);
static const struct pci_device_id rows_ids[] = {
#define ROW(n, d, data...) { PCI_DEVICE(PCI_VENDOR_ID_ACME, d), DATA { .name = n, data } },
#define DATA .driver_data = (unsigned long) &(const struct x)
#include "rows.h"
	{ PCI_VDEVICE(ACME, 0x0 ?: 0x7003) },
	{ PCI_DEVICE(PCI_VENDOR_ID_ACME, 1 ? IN_FOLDER : 2) },
#undef ROW
};
MODULE_DEVICE_TABLE(pci, rows_ids);
MODULE_DEVICE_TABLE(pci, nowhere_ids);
X
echo '#define IN_FOLDER 0x7004ull' >"$tree/drivers/ids/include/in_folder.h"
echo 'static struct pci_device_id header_ids[] __maybe_unused = { { PCI_VDEVICE(ACME, 0x5001) }, { 0, } };' >"$tree/drivers/ids/table.h"
printf '#ifndef BEGIN\n#error no BEGIN\n#endif\n#ifndef BOTH\n#define FENTRY(d) ENTRY(d)\n#else\n#define FENTRY(d) ENTRY(d), ENTRY(d | 0x100)\n#endif\nBEGIN\n\tENTRY(0x6001),\n\tFENTRY(0x6002),\n} ;\n' >"$tree/drivers/ids/begun.h"
cat >"$tree/drivers/ids/rows.h" <<'X'
#ifndef ROW
struct x { int a, b; };
#else
ROW("a, {b", 0x7001, .x = 1, .y = 2)
#include "rows.h"
ROW("c", 0x7002)
#endif
X
driver() { # NAME OBJECT WORD: the first answer is that object
  json "device: $1" "length > 0 and .[0].object == \"drivers/ids/$2.o\"" config builds "$3" "${based[@]}" --json
}
driver "PCI by vendor and device" pci-main pci:8086:10d3
driver "in capitals, without pci:" pci-main 8086:10D3
driver "by its whole modalias" pci-main pci:v00008086d000010D3sv00001AF4sd00001100bc02sc00i00
driver "positional, with a subdevice" pci-main pci:8086:10f6:1234:0002
driver "a macro of the file's header, an enumerator" pci-main pci:8086:1001
driver "a macro that gives two" pci-main pci:8086:2001
driver "below a condition" pci-main pci:8086:1009
driver "by class" pci-main pci:1b4b:9123:010601
driver "a table in a header" odd pci:8086:5001
driver "a table that a macro begins" odd pci:8086:6002
driver "the other branch of #ifndef" odd pci:8086:6102
driver "rows of an included file" odd pci:8086:7001
driver "its last row" odd pci:8086:7002
driver "A ?: B" odd pci:8086:7003
driver "a header that has the table and its declaration, by way of another" odd pci:8086:7005
driver "a header of a folder that the Makefile names" odd pci:8086:7004
driver "USB" usbdrv usb:0bda:8152
driver "USB, bare" usbdrv 0bda:8153
driver "USB with a version in its range" usbdrv usb:v1234p5678d0142dc00dsc00dp00ic00isc00ip00in00
driver "USB by interface" usbdrv usb:vFFFFpFFFFd0000dc00dsc00dp00ic08isc06ip50in00
driver "ACPI" acpidrv acpi:PNP0C0A
driver "ACPI, bare, of two strings" acpidrv ACME0001
driver "ACPI modalias of two ids" acpidrv acpi:XYZ0001:PNP0C0A:
driver "ACPI by class" acpidrv acpi:XYZ0001:010601:
driver "device tree" acpidrv of:acme,gadget
driver "device tree modalias" acpidrv of:NgadgetTCother,thingCacme,gadget
driver "PnP" acpidrv pnp:dacm00ff
driver "PnP as ACPI" acpidrv acpi:ACM00FF
driver "VMBus" guests vmbus:d96361baa104294db60572e2ffb1dc7f
driver "MEI" guests mei:acme:0bb17a78-2a8e-4c50-94d4-50266723775c:01:
driver "DMI" guests 'dmi:bvnX:bvr1:bd01/01/2026:svnACME:pnLapbook5:pvr1:rvnX:'
driver "PCMCIA" guests pcmcia:m0012c0000f00fn00pfn00pa12345678pb9ABCDEF0pc00000000pd00000000
driver "input" guests input:b0003v0001p0001e0001-e0,1,3,k110,111,ram4,lsfw
driver "MODULE_ALIAS" aliases platform:acme-gadget
driver "MODULE_ALIAS of a macro" aliases net-pf-16
status "device: what it says" 0 'named as pci:v00008086d000010D3sv*sd*bc*sc*i*|part of the module pcidrv, as a module|by DRIVER [=m]' config builds pci:8086:10d3 "${based[@]}"
status "device: by class it may be another" 1 'no driver for it is named in the sources of this tree|with the class|--all|(3 of 25 entries' config builds pci:8086:dead "${from[@]}"
status "device: --all has those" 0 'perhaps, if it is of the kind pci:v*d*sv*sd*bc01sc06i01' config builds pci:8086:dead "${from[@]}" --all
status "device: a version out of its range" 1 'no driver' config builds usb:v1234p5678d0242dc00dsc00dp00ic00isc00ip00in00 "${from[@]}"
status "device: a compatible that no table has" 1 'no driver for it' config builds of:nosuch,thing "${from[@]}"
status "device: a kind whose tables are not read" 1 'tables of this kind of device are not read; --aliases' config builds rapidio:v0001d0002 "${from[@]}"
printf 'rapidio:v0001d0002av0001ad0001\npci:v0000FFFFd00000001sv00000000sd00000000bc00sc00i00\n' >"$work/odd-hardware"
status "hardware: a kind whose tables are not read" 1 'not looked for (tables of this kind are not read; --aliases FILE takes a modules.alias that has them): rapidio:|# no driver: pci:v0000FFFF' config hardware "${from[@]}" --hardware "$work/odd-hardware"
status "device: what a table of another kind has" 1 'no driver' config builds usb:8086:10d3 "${from[@]}"
status "device: a file beside one" 0 'the module pcidrv|drivers/net/the-driver.o' config builds pci:8086:10d3 the_driver "${from[@]}"
printf 'alias pci:v00001234d*sv*sd*bc*sc*i* the-driver\n' >"$work/aliases"
status "device: by a modules.alias" 0 'drivers/net/the-driver.o: module the_driver' config builds pci:1234:0001 "${from[@]}" --aliases "$work/aliases"
status "device: a modules.alias that is none" 2 "no line 'alias PATTERN MODULE'" config builds pci:1234:0001 "${from[@]}" --aliases "$tree/Kconfig"
status "device: one that is not there" 2 'none-such' config builds pci:1234:0001 "${from[@]}" --aliases "$work/none-such"
for word in pci: pci:8086 pci:zz:1 pci:8086:10d3:1:2:3:4 : a: acpi: 'pci:********************' "usb:$(printf 'x%.0s' {1..3000})"; do
  timeout 20 "$kernix" config builds "$word" "${from[@]}" >"$work/out" 2>&1
  r=$?
  if [ $r = 1 ]; then ok "device: '${word:0:20}' is none"; else bad "device: '${word:0:20}' gives $r" "$work/out"; fi
done

# Hardware.
printf 'pci:v00008086d000010D3sv00001AF4sd00001100bc02sc00i00\nacpi:PNP0C0A:\nacpi:PNPFFFF:\nusb:v0BDAp8153d3000dc00dsc00dp00icFFiscFFip00in00\n' >"$work/modaliases"
status "hardware: requests" 0 '# 4 devices; 1 have no driver|: pcidrv by DRIVER|# no driver: acpi:PNPFFFF:|# CONFIG_DRIVER=m|DRIVER = lib.kernel.module;|XFS_FS = lib.kernel.module;' \
  config hardware "${from[@]}" --hardware "$work/modaliases"
status "hardware --lines" 0 'CONFIG_DRIVER=m|CONFIG_XFS_FS=m|!# CONFIG_DRIVER|!lib.kernel' config hardware "${from[@]}" --hardware "$work/modaliases" --lines
status "hardware --nix" 0 'DRIVER = lib.kernel.module;|!CONFIG_DRIVER' config hardware "${from[@]}" --hardware "$work/modaliases" --nix
status "hardware: a configuration that has them" 0 'pcidrv by DRIVER (m)|nothing has to be asked for' config hardware "${based[@]}" --hardware "$work/modaliases"
json "hardware: what they need, too" '.requests == {"DRIVER":"m","XFS_FS":"m","SECOND":"m","BUS":"m","NET":"y","MODULES":"y"} and .devices == 4 and .unknown == ["acpi:PNPFFFF:"]' \
  config hardware "${from[@]}" --base allnoconfig --hardware "$work/modaliases" --json
config hardware "${from[@]}" --base allnoconfig --hardware "$work/modaliases" --json 2>/dev/null | jq .requests >"$work/needed.json"
status "hardware: they do hold" 0 '6 of 6 options come out as asked' config check "${from[@]}" --base allnoconfig --request "$work/needed.json"
printf '00:19.0 0200: 8086:10d3 (rev 02)\n' >"$work/lspci"
status "hardware: lspci -n" 0 'pcidrv by DRIVER' config hardware "${from[@]}" --hardware "$work/lspci"
echo 'acpi:PNPFFFF:' >"$work/modaliases"
status "hardware: nothing known" 1 '1 have no driver' config hardware "${from[@]}" --hardware "$work/modaliases"
printf 'Bus 001 Device 002: ID 0bda:8153 Realtek\nBus 001 Device 003: ID 8087:0024 Intel Corp.\n' >"$work/lsusb"
status "hardware: lsusb does not tell interfaces, and none is guessed" 0 '# 2 devices; 1 have no driver|usbdrv|# no driver: usb:v8087p0024d*dc*dsc*dp*ic*isc*ip*in*|!ic00' config hardware "${from[@]}" --hardware "$work/lsusb"
status "device: a line of lsusb" 0 'usbdrv' config builds 'Bus 001 Device 002: ID 0bda:8153 Realtek' "${from[@]}"
status "device: a line of lspci -n" 0 'pci-main|perhaps, if it is of the kind pci:v*d*sv*sd*bc01sc06i01' config builds '00:1f.2 0106: 8086:dead (rev 02)' "${from[@]}"
status "device: a line of lsusb that nothing drives" 1 'no driver for it is named in the sources|!tables of this kind' config builds 'Bus 001 Device 003: ID 8087:0024 Intel Corp.' "${from[@]}"
status "hardware: no list" 2 'line 1 is neither a modalias' config hardware "${from[@]}" --hardware "$tree/Kconfig"
status "hardware: a word" 2 'takes no words' config hardware x "${from[@]}"
status "hardware --all: the tree's aliases" 0 'alias acpi*:PNP0C0A:* acpidrv|alias usb:v1234p5678d014[0-5]dc*dsc*dp*ic*isc*ip*in* usbdrv|alias pci:v00008086d00002001sv*sd*bc*sc*i* pcidrv|!dead' config hardware "${from[@]}" --all

# Trees that mean harm: each question is answered, or refused with the file's name, at once and in little memory.
evil=$work/evil
asked() { (ulimit -v 3000000 && exec timeout 20 "$kernix" config "$@" --source "$evil" --arch x86_64); }
fresh() { # a tree whose drivers/Makefile is stdin
  rm -rf "$evil"
  mkdir -p "$evil/drivers"
  printf 'config A\n\tbool "a"\nconfig 64BIT\n\tdef_bool y\n' >"$evil/Kconfig"
  echo 'obj-y += drivers/' >"$evil/Kbuild"
  cat >"$evil/drivers/Makefile"
}
harm() { # NAME STATUS TEXTS: drivers/Makefile is stdin
  fresh
  status "harm: $1" "$2" "$3" asked builds drivers/good.c
}
built=drivers/good.o
harm "a device tree of one letter" 0 $built < <(printf 'dtb-y += x\nobj-y += .o good.o\n')
harm "a list that grows while it is read" 0 $built < <(printf 'obj-y += good.o\nY = $(eval X += $(Y))\nX = $(Y)\nobj-y += $(X)\n')
harm "the same below call" 0 $built < <(printf 'obj-y += good.o\nX = $(eval X += $(call X))\nobj-y += $(call X)\n')
harm "a reference without an end" 0 $built < <(printf 'obj-y += good.o\nX := a$(\nX := $(\nX = ${\nobj-y += $(X) $(')
harm "a file that includes itself twice" 2 'drivers/Makefile: ' < <(printf 'include $(src)/Makefile\ninclude $(src)/Makefile\nobj-y += good.o\n')
nested() { for ((i = 0; i < $1; i++)); do echo "$2 CONFIG_A$i"; done; }
harm "30000 nested conditions" 2 'drivers/Makefile: ' < <(nested 30000 ifdef)
harm "30000 branches" 2 'drivers/Makefile: ' < <(echo 'ifdef CONFIG_B' && nested 30000 'else ifdef' && echo endif)
harm "conditions of a sane depth" 0 $built < <(nested 300 ifdef && echo 'obj-y += good.o')
harm "a text that doubles" 2 'drivers/Makefile: ' < <(echo 'A := x' && yes 'A := $(A)$(A)' | head -60)
harm "a list that doubles" 2 'drivers/Makefile: ' < <(echo 'A := x' && yes 'A := $(A) $(A)' | head -60)
harm "words of words that are nothing" 2 'drivers/Makefile: ' < <(for ((i = 0; i < 39; i++)); do echo "A$i = \$(A$((i + 1))) \$(A$((i + 1)))"; done && echo 'obj-y += $(A0)')
harm "a text for each letter" 2 'drivers/Makefile: ' < <(echo 'A := x' && yes 'A := $(subst x,$(A),$(A))' | head -3 | sed '1iA := xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx')
fresh < <(echo 'obj-y += good.o')
mkfifo "$evil/drivers/z.c" "$evil/drivers/Kbuild"
status "harm: a FIFO in the folder that is asked for" 1 'no such file' asked builds drivers/q.c
status "harm: a FIFO instead of a Makefile" 0 $built asked builds drivers/good.c
harm_table() { # NAME QUERY STATUS: drivers/good.c is stdin
  fresh < <(echo 'obj-y += good.o')
  cat >"$evil/drivers/good.c"
  status "harm: $1" "$3" '' asked builds "$2"
}
harm_table "a macro that is a brace" acpi:PNP0C0A 1 < <(printf '#define X {\nstruct pnp_device_id t[] = { { .id = X }, { X }, { .id = {}, } };\nMODULE_DEVICE_TABLE(pnp, t);\n')
harm_table "a table without a name" pci:8086:1 1 < <(printf 'MODULE_DEVICE_TABLE(pci, );\nMODULE_DEVICE_TABLE(pci\n')
harm_table "macros that double into nothing" pci:8086:1 1 < <(for ((i = 0; i < 38; i++)); do echo "#define A$i A$((i + 1)) A$((i + 1))"; done && printf '#define A38\nstruct pci_device_id t[] = { { A0, A0 }, A0 };\nMODULE_DEVICE_TABLE(pci, t);\n')
harm_table "one long line of names" pci:8086:1 1 < <(yes 'MODULE_DEVICE_TABLE(pci,a)' | head -200000 | tr -d '\n')
harm_table "one long line of parts" pci:8086:1 1 < <(yes '"good.c"' | head -500000 | tr -d '\n')
harm_table "macros of many tokens" pci:8086:1 1 < <(printf '#define F(x) %s\nstruct pci_device_id t[] = { %s };\nMODULE_DEVICE_TABLE(pci, t);\n' "$(yes 'x##x' | head -1000 | tr '\n' ' ')" "$(yes "{ F($(yes 1 | head -1000 | tr '\n' ' ')) }," | head -800)")
harm_table "a hundred thousand includes" pci:8086:1 1 < <(echo 'struct pci_device_id t[] = {' && yes '#include "good.h"' | head -100000 && printf '};\nMODULE_DEVICE_TABLE(pci, t);\n')
harm_table "as many files that are not there" pci:8086:1 1 < <(seq -f '#include <x%.0f.h>' 100000 && printf 'MODULE_DEVICE_TABLE(pci, t);\n')
harm_table "an enumerator of a long value" pci:8086:1 1 < <(printf 'enum { A = %s, %s };\nMODULE_DEVICE_TABLE(pci, a);\n' "$(yes 1+ | head -40000 | tr -d '\n')1" "$(seq -f 'B%.0f' 20000 | tr '\n' ',')")
status "harm: one long line that may include" 1 'no Makefile of this' bash -c "touch '$evil/drivers/d.c' && yes '\"d.c\"' | head -800000 | tr -d '\\n' >'$evil/drivers/good.c' && exec timeout 20 '$kernix' config builds drivers/d.c --source '$evil' --arch x86_64"

status "builds: a tree without Makefiles" 2 'no Kbuild file' bash -c "rm -r '$tree'/{Kbuild,kernel,drivers,arch/x86/Makefile}; exec '$kernix' config builds x --source '$tree' --arch x86_64"
finish
