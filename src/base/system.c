// SPDX-License-Identifier: GPL-2.0-or-later
// What the compiler says about the machine, in Nix's words.

#include "base/system.h"

#if defined(__x86_64__)
#define SYSTEM_MACHINE "x86_64"
#elif defined(__i386__)
#define SYSTEM_MACHINE "i686"
#elif defined(__aarch64__)
#define SYSTEM_MACHINE "aarch64"
#elif defined(__arm__) && __ARM_ARCH >= 7
#define SYSTEM_MACHINE "armv7l"
#elif defined(__arm__) && __ARM_ARCH == 6
#define SYSTEM_MACHINE "armv6l"
#elif defined(__arm__)
#define SYSTEM_MACHINE "armv5tel"
#elif defined(__riscv) && __riscv_xlen == 64
#define SYSTEM_MACHINE "riscv64"
#elif defined(__riscv)
#define SYSTEM_MACHINE "riscv32"
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define SYSTEM_MACHINE "powerpc64le"
#elif defined(__powerpc64__)
#define SYSTEM_MACHINE "powerpc64"
#elif defined(__s390x__)
#define SYSTEM_MACHINE "s390x"
#elif defined(__loongarch64)
#define SYSTEM_MACHINE "loongarch64"
#elif defined(__mips64) && defined(__MIPSEL__)
#define SYSTEM_MACHINE "mips64el"
#else
#error "tell system.c what Nix calls this machine"
#endif

const char *system_name(void)
{
	return SYSTEM_MACHINE "-linux";
}
