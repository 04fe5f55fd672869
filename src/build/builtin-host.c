// SPDX-License-Identifier: GPL-2.0-or-later
// Files of the host that a derivation's addresses name: asked for before the sandbox is entered, found in it.
#include "build/builtin.h"

#include <errno.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "build/fetch.h"

#define HOST_FILES_MAX 64 // each is a mount; no list of mirrors has as many that are files

// The path of a file:// address, or an absolute path, which git takes as well.
static char *host_path_of(const char *url)
{
	return url[0] == '/' ? mem_strdup(url) : fetch_file_path(url);
}

void builtin_host_add(struct builtin_host *h, const char *url)
{
	char *path = host_path_of(url);

	if (!path || h->n_files == HOST_FILES_MAX) {
		mem_free(path);
		return;
	}
	h->files = mem_realloc(h->files, (h->n_files + 1) * sizeof(*h->files));
	h->files[h->n_files++] = (struct sandbox_shown){.path = path, .errnum = ENOENT, .tree = -1};
}

void builtin_host_release(struct builtin_host *h)
{
	for (size_t i = 0; i < h->n_files; i++)
		mem_free((char *)h->files[i].path);
	mem_free(h->files);
	strv_free(h->words);
	*h = (struct builtin_host){0};
}

const struct sandbox_shown *builtin_host_find(const struct builtin_host *h, const char *url)
{
	_cleanup_free_ char *path = host_path_of(url);

	for (size_t i = 0; path && i < h->n_files; i++) {
		if (str_eq(h->files[i].path, path))
			return &h->files[i];
	}
	return NULL;
}

char *builtin_host_path(const struct builtin_host *h, const struct sandbox_shown *s)
{
	return str_printf(SANDBOX_SHOWN_DIR "/%zu", (size_t)(s - h->files));
}

char *builtin_host_why(const struct sandbox_shown *s)
{
	switch (s->errnum) {
	case 0:
		return NULL;
	case EINVAL:
		return mem_strdup("it is neither a regular file nor a folder");
	case EACCES:
		return mem_strdup(
		        "it may not be read by the user that builds: make it, and the folders above it, "
		        "readable for everybody, or add it to the store (nix-store --add-fixed)");
	default:
		return mem_strdup(strerror(s->errnum));
	}
}
