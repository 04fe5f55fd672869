// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: words that git is given, and packages' names, versions and places. What passes can be no
// option and has no control character; addresses have one of the protocols.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/gitname.h"
#include "base/mem.h"
#include "build/debname.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int check_url(const char *text, struct err *e)
{
	return gitname_check_url(text, gitname_protocols, e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int (*const checks[])(const char *, struct err *) = {gitname_check_ref, gitname_check_object,
	        gitname_check_path, check_url, debname_check_package, debname_check_version,
	        debname_check_arch, debname_check_pool};
	_cleanup_free_ char *text = mem_strndup((const char *)data, size);

	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		_cleanup_err_ struct err e = {0};
		if (checks[i](text, &e) < 0) {
			if (!e.msg || !*e.msg)
				abort();
			continue;
		}
		if (!*text || *text == '-' || strstr(text, "--upload-pack") == text)
			abort();
		for (const char *c = text; *c; c++)
			if ((unsigned char)*c < ' ' || *c == 127)
				abort();
	}
	return 0;
}
