// SPDX-License-Identifier: GPL-2.0-or-later
// popen for the tests' builds of the kernel's conf: it keeps the output of each command in a file, so that a
// thousand runs of conf do not start a hundred compilers each. Compiled into conf with -Dpopen=cached_popen
// -Dpclose=cached_pclose; nothing else of conf is changed.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

FILE *cached_popen(const char *cmd, const char *mode);
int cached_pclose(FILE *f);

static uint64_t hash(const char *s)
{
	uint64_t h = 14695981039346656037u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211u;
	return h;
}

FILE *cached_popen(const char *cmd, const char *mode)
{
	const char *dir = getenv("POPEN_CACHE");
	char path[4096], tmp[4200], buf[4096];

	if (!dir)
		return popen(cmd, mode);
	snprintf(path, sizeof(path), "%s/%016llx", dir, (unsigned long long)hash(cmd));
	FILE *f = fopen(path, "r");
	if (f)
		return f;
	snprintf(tmp, sizeof(tmp), "%s.%d", path, (int)getpid());
	FILE *p = popen(cmd, "r"), *out = fopen(tmp, "w");
	if (!p || !out)
		return NULL;
	size_t n = fread(buf, 1, sizeof(buf), p);
	fwrite(buf, 1, n, out);
	fclose(out);
	pclose(p);
	if (rename(tmp, path) < 0)
		return NULL;
	return fopen(path, "r");
}

int cached_pclose(FILE *f)
{
	return getenv("POPEN_CACHE") ? fclose(f) : pclose(f);
}
