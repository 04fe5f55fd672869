// SPDX-License-Identifier: GPL-2.0-or-later
// randconfig: the numbers of the C library's rand in conf's order, so that a seed gives the configuration
// that conf gives. Trees since 6.11.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/base.h"
#include "kconfig/solve.h"

struct randomizer {
	struct random_data data;
	char state[128];        // rand's own size: another one gives other numbers
	int yes, yes3, module3; // chances in a hundred: of a bool; of a tristate
};

static int next(struct randomizer *r)
{
	int32_t v;

	random_r(&r->data, &v);
	return v;
}

static unsigned pick_seed(struct kconfig *k)
{
	const char *text = hmap_get(&k->env, "KCONFIG_SEED");
	char *end = NULL;
	struct timeval now;
	unsigned seed = text && *text ? (unsigned)strtol(text, &end, 0) : 0;

	if (end && !*end)
		return seed;
	if (!k->seeded) {
		gettimeofday(&now, NULL);
		k->seed = (unsigned)((now.tv_sec + 1) * (now.tv_usec + 1));
	}
	k->seeded = true; // the same base once more is the same configuration
	return k->seed;
}

// KCONFIG_PROBABILITY: Y, YES:MODULE of tristates, or BOOL:YES:MODULE.
static int read_chances(struct kconfig *k, struct randomizer *r, struct err *e)
{
	const char *at = hmap_get(&k->env, "KCONFIG_PROBABILITY");
	long p[3] = {};
	size_t n = 0;

	while (at && *at && n < 3) {
		char *end;
		p[n] = strtol(at, &end, 10);
		if (end == at || p[n] < 0 || p[n] > 100)
			return err_set(e, -ERANGE,
			        "KCONFIG_PROBABILITY: %s is not one to three numbers from 0 to 100", at);
		n++;
		at = *end == ':' ? end + 1 : end;
	}
	if (n == 1)
		*r = (struct randomizer){
		        .yes = (int)p[0], .yes3 = (int)(p[0] - p[0] / 2), .module3 = (int)(p[0] / 2)};
	else if (n == 2)
		*r = (struct randomizer){.yes = (int)(p[0] + p[1]), .yes3 = (int)p[0], .module3 = (int)p[1]};
	else if (n == 3)
		*r = (struct randomizer){.yes = (int)p[0], .yes3 = (int)p[1], .module3 = (int)p[2]};
	else
		*r = (struct randomizer){.yes = 50, .yes3 = 33, .module3 = 33};
	return r->yes3 + r->module3 <= 100
	               ? 0
	               : err_set(e, -ERANGE, "KCONFIG_PROBABILITY: y and m together are more than 100");
}

// Its members without a value in a random order of priority, behind those that have one.
static void choice_values(struct randomizer *r, struct kmenu *choice)
{
	int count = 0;

	for (struct kmenu *m = kmenu_next(choice, choice); m; m = kmenu_next(m, choice))
		count += m->sym && !ksym_has_user(m->sym);
	for (; count > 0; count--) {
		int x = next(r) % count;
		for (struct kmenu *m = kmenu_next(choice, choice); m; m = kmenu_next(m, choice)) {
			x -= m->sym && !ksym_has_user(m->sym);
			if (x >= 0)
				continue;
			if (m->sym) {
				m->sym->user_tri = KCONFIG_Y;
				m->sym->flags |= KS_USER;
				kchoice_demote(choice, m->sym);
			}
			break;
		}
	}
}

static uint8_t draw(struct randomizer *r, const struct ksym *s)
{
	int x = next(r) % 100;

	if (s->type != KCONFIG_TRISTATE)
		return x < r->yes ? KCONFIG_Y : KCONFIG_N;
	return x < r->yes3 ? KCONFIG_Y : x < r->yes3 + r->module3 ? KCONFIG_M : KCONFIG_N;
}

int kbase_random(struct kconfig *k, struct err *e)
{
	struct randomizer r = {};
	unsigned seed = pick_seed(k);
	int ret = read_chances(k, &r, e);

	if (ret < 0)
		return ret;
	if (!k->dialect.new_choice)
		return err_set(e, -EOPNOTSUPP, "randconfig of trees before 6.11 is not built");
	_cleanup_free_ char *line = str_printf("KCONFIG_SEED=0x%X\n", seed);
	if (k->info)
		k->info(k->warn_ctx, line);
	initstate_r(seed, r.state, sizeof(r.state), &r.data);
	for (struct kmenu *m = kmenu_next(&k->root, &k->root); m; m = kmenu_next(m, &k->root)) {
		struct ksym *s = m->sym;
		if (!s || !m->prompt || ksym_has_user(s) || !ktype_is_tri(s->type) || s->in_list)
			continue;
		if (ksym_is_choice(s)) {
			choice_values(&r, m);
			continue;
		}
		s->user_tri = draw(&r, s);
		s->flags |= KS_USER;
	}
	ksolve_clear(k);
	return 0;
}
