// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the archives in apt's sources.
#include "build/apt-sources.h"

#include <string.h>
#include <strings.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/fetch.h"

#define SOURCES_MAX_BYTES (1u << 20)
#define SPACES            " \t\r\n"

static void sources_add(char ***archives, const char *uri)
{
	// apt's own spelling of local archives has one slash.
	const char *local = str_after(uri, "file:/");
	_cleanup_free_ char *whole =
	        local && local[0] != '/' ? str_printf("file:///%s", local) : mem_strdup(uri);
	_cleanup_free_ char *base = str_printf("%s%s", whole, str_has_suffix(whole, "/") ? "" : "/");

	if (fetch_knows(base) && !strv_has(*archives, base))
		strv_add(archives, base);
}

// deb [OPTION=VALUE ...] URI SUITE [COMPONENT ...]
static void sources_line(const char *line, char ***archives)
{
	const char *rest = str_after(line + strspn(line, SPACES), "deb");

	if (!rest || !*rest || !strchr(SPACES, *rest))
		return;
	rest += strspn(rest, SPACES);
	if (*rest == '[') {
		rest += strcspn(rest, "]");
		rest += *rest != 0;
		rest += strspn(rest, SPACES);
	}
	_cleanup_free_ char *uri = mem_strndup(rest, strcspn(rest, SPACES));
	sources_add(archives, uri);
}

void apt_sources_parse_list(const char *text, char ***archives)
{
	_cleanup_strv_ char **lines = strv_split(text, "\n");

	strv_for_each (line, lines)
		sources_line(line, archives);
}

// One stanza of the deb822 format.
struct sources_stanza {
	char **uris;
	bool deb, off;
};

static void stanza_field(struct sources_stanza *s, const char *name, size_t len, const char *value)
{
	static const char *const no[] = {"no", "false", "without", "off", "disable", "0"};
	_cleanup_strv_ char **words = strv_split(value, SPACES);

	if (len == 5 && strncasecmp(name, "types", len) == 0)
		s->deb = s->deb || strv_has(words, "deb");
	strv_for_each (word, words) {
		if (len == 4 && strncasecmp(name, "uris", len) == 0)
			strv_add(&s->uris, word);
		for (size_t i = 0; len == 7 && strncasecmp(name, "enabled", len) == 0 && i < ARRAY_SIZE(no);
		        i++)
			s->off = s->off || strcasecmp(word, no[i]) == 0;
	}
}

static void stanza_end(struct sources_stanza *s, char ***archives)
{
	if (s->deb && !s->off) {
		strv_for_each (uri, s->uris)
			sources_add(archives, uri);
	}
	strv_free(s->uris);
	*s = (struct sources_stanza){0};
}

void apt_sources_parse_deb822(const char *text, char ***archives)
{
	struct sources_stanza s = {0};
	char *name = NULL;

	while (*text) {
		size_t len = strcspn(text, "\n");
		_cleanup_free_ char *line = mem_strndup(text, len);
		char *colon = strchr(line, ':');
		text += len + (text[len] == '\n');
		if (line[0] == '#')
			continue;
		if (!line[strspn(line, SPACES)]) {
			stanza_end(&s, archives);
		} else if (strchr(SPACES, line[0])) { // goes on with the field above
			if (name)
				stanza_field(&s, name, strlen(name), line);
		} else if (colon) {
			mem_free(name);
			name = mem_strndup(line, (size_t)(colon - line));
			stanza_field(&s, name, strlen(name), colon + 1);
		}
	}
	mem_free(name);
	stanza_end(&s, archives);
}

static void sources_file(
        const char *path, void (*parse)(const char *text, char ***archives), char ***archives)
{
	_cleanup_buf_ struct buf b = {0};
	_cleanup_err_ struct err unreadable = {0};

	if (fs_read(path, SOURCES_MAX_BYTES, &b, &unreadable) == 0)
		parse(buf_str(&b), archives);
}

char **apt_sources_read(const char *etc)
{
	_cleanup_free_ char *list = fs_join(etc, "apt/sources.list");
	_cleanup_free_ char *dir = fs_join(etc, "apt/sources.list.d");
	_cleanup_strv_ char **names = NULL;
	_cleanup_err_ struct err unreadable = {0};
	char **archives = NULL;

	sources_file(list, apt_sources_parse_list, &archives);
	fs_list(dir, &names, &unreadable);
	strv_for_each (name, names) {
		_cleanup_free_ char *path = fs_join(dir, name);
		if (str_has_suffix(name, ".list"))
			sources_file(path, apt_sources_parse_list, &archives);
		else if (str_has_suffix(name, ".sources"))
			sources_file(path, apt_sources_parse_deb822, &archives);
	}
	return archives;
}
