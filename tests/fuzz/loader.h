// SPDX-License-Identifier: GPL-2.0-or-later
// For the targets of boot loaders: whatever the files say, they are read, written and taken back; a menu that
// was written is read as itself, and after remove nothing of ours is left to be read.
#pragma once

#include "scratch.h"
#include "boot/loader.h"

static struct boot_menu menu_make(void)
{
	static struct boot_item items[2];
	struct boot_menu m = {.items = items, .len = 2, .has_timeout = true, .timeout_s = 3};

	items[0] = (struct boot_item){.id = (char *)"kernix-2",
	        .title = (char *)"two",
	        .version = (char *)"2",
	        .kernel = (char *)"k",
	        .initrd = (char *)"i",
	        .params = (char *)"init=/x \"a b\""};
	items[1] = items[0];
	items[1].id = (char *)"kernix-1";
	items[1].initrd = NULL;
	items[1].good = true;
	m.choice = (struct boot_choice){.normal = items[1].id, .trial = items[0].id, .tries = 1};
	return m;
}

static void loader_again(const struct loader *l, const struct boot_place *p)
{
	_cleanup_choice_ struct boot_choice c = {0};
	_cleanup_buf_ struct buf text = {0};
	_cleanup_err_ struct err e = {0};

	if (l->read(p, &c, &e) == 0)
		l->text(p, &text, &e);
}

// One root is for ever there: what a writing left may be in the way of the next input's parts.
static void loader_run(const struct loader *l, const char *root)
{
	_cleanup_(boot_place_release) struct boot_place p = {0};
	_cleanup_choice_ struct boot_choice c = {0};
	_cleanup_err_ struct err e = {0};
	struct boot_menu m = menu_make();
	int can = 0;

	if (loader_find(root, l->name, &l, &p, &e) < 0)
		return;
	_cleanup_free_ char *ours = place_file(&p, NULL);
	loader_again(l, &p);
	l->check(&p, &e);
	can = l->can_try(&p, &e) == 0;
	if (!can)
		m.choice.trial = NULL;
	if (fs_mkdir_p(ours, 0755, &e) < 0 || l->write(&p, &m, &e) < 0)
		return;
	if (l->read(&p, &c, &e) < 0 || !str_eq(c.normal, m.choice.normal) ||
	        !str_eq(c.trial, m.choice.trial) || (can && c.tries != 1))
		abort();
	if (l->remove(&p, &e) < 0)
		abort();
	loader_again(l, &p);
	place_sweep(&p, &e);
}
