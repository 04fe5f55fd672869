// SPDX-License-Identifier: GPL-2.0-or-later
// libkmod's functions, loaded at the first call: it has no static library, and linking it brings three more.

#include <libkmod.h>
#include "base/lazy.h"

#define LAZY_LIBRARY "libkmod.so.2"
#define LAZY_PURPOSE "finding kernel modules"

LAZY(struct kmod_ctx *, kmod_new, (const char *dir, const char *const *config), (dir, config))
LAZY(struct kmod_ctx *, kmod_unref, (struct kmod_ctx * c), (c))
LAZY_VOID(kmod_set_log_fn,
        (struct kmod_ctx * c, void (*fn)(void *, int, const char *, int, const char *, const char *, va_list),
                const void *data),
        (c, fn, data))
LAZY(int, kmod_load_resources, (struct kmod_ctx * c), (c))
LAZY(struct kmod_list *, kmod_list_next, (const struct kmod_list *list, const struct kmod_list *at),
        (list, at))
LAZY(int, kmod_module_new_from_lookup, (struct kmod_ctx * c, const char *alias, struct kmod_list **list),
        (c, alias, list))
LAZY(struct kmod_module *, kmod_module_unref, (struct kmod_module * m), (m))
LAZY(int, kmod_module_unref_list, (struct kmod_list * l), (l))
LAZY(struct kmod_module *, kmod_module_get_module, (const struct kmod_list *l), (l))
LAZY(const char *, kmod_module_get_name, (const struct kmod_module *m), (m))
LAZY(const char *, kmod_module_get_path, (const struct kmod_module *m), (m))
LAZY(struct kmod_list *, kmod_module_get_dependencies, (const struct kmod_module *m), (m))
LAZY(int, kmod_module_get_info, (const struct kmod_module *m, struct kmod_list **list), (m, list))
LAZY(const char *, kmod_module_info_get_key, (const struct kmod_list *l), (l))
LAZY(const char *, kmod_module_info_get_value, (const struct kmod_list *l), (l))
LAZY_VOID(kmod_module_info_free_list, (struct kmod_list * l), (l))
