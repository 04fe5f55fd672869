// SPDX-License-Identifier: GPL-2.0-or-later
// Says in one line that a kernel belongs to a series that has ended, or is not its newest.

#include "base/log.h"
#include "base/mem.h"
#include "cmd/kernels.h"

void kernels_say_age(const char *root, const char *version)
{
	_cleanup_kernels_ struct kernels k = {0};
	_cleanup_err_ struct err ignored = {0};
	struct kernels_version v;

	if (!kernels_version_parse(version, &v, &(const char *){NULL}) || v.rc ||
	        kernels_read(root, &k, &ignored) < 0)
		return;
	_cleanup_free_ char *series = kernels_series_of(version);
	const struct kernels_release *row = kernels_find(&k, series), *lts = kernels_newest(&k, true);
	if (!row)
		return;
	bool behind = kernels_version_cmp(version, row->version) < 0;
	if (row->eol)
		log_warn("Linux %s: the series %s has ended and gets no more fixes%s%s%s", version, series,
		        lts ? "; kept for long is " : "", lts ? lts->series : "",
		        lts ? " ('kernix kernels')" : "");
	else if (behind)
		log_note("Linux %s is behind: its series is at %s%s%s ('kernix kernels')", version,
		        row->version, row->date ? " since " : "", row->date ? row->date : "");
}
