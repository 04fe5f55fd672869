// SPDX-License-Identifier: GPL-2.0-or-later
// Regular expressions: matching. A backtracking walk over the states with a stack of its own. Once it has
// taken many steps it notes for each state and place what came of it, so that nothing is tried twice.
#include <string.h>
#include "base/mem.h"
#include "expr/regex-private.h"

enum { STEPS_BEFORE_MEMO = 4096, STEPS_BETWEEN_LOOKS = 1 << 20 };
static const size_t memo_max_bytes = (size_t)256 << 20, stack_max_bytes = (size_t)2 << 30;

enum todo_kind {
	TODO_LESS,    // continue at state, place: unless what is below it matched
	TODO_RUN,     // a run that may be shorter: continue behind state with place down to low
	TODO_ALT,     // continue at state, place: the other alternative
	TODO_ALT_END, // both alternatives were tried: low says whether the first one matched
	TODO_FROM,    // group 'state' began at place before
	TODO_TO,      // group 'state' ended at place before
	TODO_VISIT,   // repetition 'state' was last entered at place before
	TODO_NOTE,    // note what came of state, place
};

struct todo {
	uint8_t kind;
	uint32_t state;
	size_t place, low;
};

enum note { NOTE_NONE, NOTE_FAILED, NOTE_MATCHED };

struct matcher {
	const struct regex *re;
	const char *text;
	size_t len, begin, at; // the search begins at begin, this attempt at 'at'
	int flags;
	struct regex_span *groups; // now
	size_t *visits;            // of repetitions: where they were entered last, + 1
	struct regex_span *best;   // the longest match so far
	bool found;                // any match at all in this attempt
	bool matched;              // in what is being tried
	struct todo *todo;
	size_t n, cap;
	uint8_t *notes; // [state * (len + 1) + place], NULL: not yet or too big
	bool no_notes;
	size_t steps;
	const volatile int *interrupted;
	enum regex_status status;
};

static bool push(struct matcher *m, struct todo t)
{
	if (m->n + 1 > stack_max_bytes / sizeof(*m->todo)) {
		m->status = REGEX_TOO_BIG;
		return false;
	}
	if (m->n == m->cap)
		mem_grow(&m->todo, &m->cap, m->n + 1, sizeof(*m->todo));
	m->todo[m->n++] = t;
	return true;
}

static void start_notes(struct matcher *m)
{
	if (m->re->len > memo_max_bytes / (m->len + 1)) {
		m->no_notes = true;
		return;
	}
	m->notes = mem_array(m->re->len * (m->len + 1), 1);
}

// Is it known what comes of this state and place? Then m->matched is set. Else a note will be taken.
static bool known(struct matcher *m, uint32_t state, size_t place)
{
	if (!m->notes)
		return false;
	enum note note = (enum note)m->notes[state * (m->len + 1) + place];
	if (note == NOTE_NONE) {
		push(m, (struct todo){TODO_NOTE, state, place, 0});
		return false;
	}
	if (note == NOTE_MATCHED)
		m->matched = true;
	return true;
}

static void accept(struct matcher *m, size_t place)
{
	if ((m->flags & REGEX_WHOLE) && place != m->len)
		return;
	if ((m->flags & REGEX_NOT_EMPTY) && place == m->begin)
		return;
	m->matched = true;
	if (m->found && place <= m->best[0].to)
		return;
	m->found = true;
	memcpy(m->best, m->groups, (m->re->groups + 1) * sizeof(*m->best));
	m->best[0] = (struct regex_span){m->at, place};
}

// The end of the longest run from place on.
static size_t run(struct matcher *m, uint32_t state, size_t place)
{
	const struct regex_set *set = &m->re->sets[m->re->states[state].arg];
	size_t end = place;

	while (end < m->len && set_has(set, (unsigned char)m->text[end]))
		end++;
	if (end > place)
		push(m, (struct todo){TODO_RUN, state, end, place});
	return end;
}

// Into the body of a repetition; returns its first state.
static uint32_t once_more(struct matcher *m, uint32_t state, size_t place)
{
	push(m, (struct todo){TODO_LESS, m->re->states[state].next, place, 0});
	push(m, (struct todo){TODO_VISIT, state, m->visits[state], 0});
	m->visits[state] = place + 1;
	return m->re->states[state].alt;
}

// Walks from a state until it fails or accepts; what else could be tried comes on the stack.
static void walk(struct matcher *m, uint32_t state, size_t place)
{
	for (;;) {
		const struct regex_state *s = &m->re->states[state];
		uint32_t here = state;
		m->steps++;
		state = s->next;
		switch ((enum regex_op)s->op) {
		case OP_SET:
			if (place == m->len || !set_has(&m->re->sets[s->arg], (unsigned char)m->text[place]))
				return;
			place++;
			break;
		case OP_BEGIN:
			if (place != m->begin || (m->flags & REGEX_INSIDE))
				return;
			break;
		case OP_END:
			if (place != m->len)
				return;
			break;
		case OP_OPEN:
			push(m, (struct todo){TODO_FROM, s->arg, m->groups[s->arg].from, 0});
			m->groups[s->arg].from = place;
			break;
		case OP_CLOSE:
			push(m, (struct todo){TODO_TO, s->arg, m->groups[s->arg].to, 0});
			m->groups[s->arg].to = place;
			break;
		case OP_ALT:
			if (known(m, here, place))
				return;
			push(m, (struct todo){TODO_ALT, s->next, place, 0});
			state = s->alt;
			break;
		case OP_REPEAT:
			// A round that read nothing is not gone twice.
			if (m->visits[here] == place + 1)
				break;
			if (known(m, here, place))
				return;
			state = once_more(m, here, place);
			break;
		case OP_RUN:
			if (known(m, here, place))
				return;
			place = run(m, here, place);
			break;
		case OP_EMPTY:
			break;
		case OP_ACCEPT:
			accept(m, place);
			return;
		}
		if (m->status != REGEX_OK)
			return;
	}
}

// The next shorter run after which the next byte could match.
static void shorten(struct matcher *m, struct todo t)
{
	const struct regex_state *next = &m->re->states[m->re->states[t.state].next];

	while (t.place-- > t.low) {
		if (next->op == OP_SET && !set_has(&m->re->sets[next->arg], (unsigned char)m->text[t.place]))
			continue;
		if (t.place > t.low)
			push(m, t);
		walk(m, m->re->states[t.state].next, t.place);
		return;
	}
}

static void undo_or_try(struct matcher *m, struct todo t)
{
	switch ((enum todo_kind)t.kind) {
	case TODO_LESS:
		if (!m->matched)
			walk(m, t.state, t.place);
		break;
	case TODO_RUN:
		if (!m->matched)
			shorten(m, t);
		break;
	case TODO_ALT:
		push(m, (struct todo){TODO_ALT_END, 0, 0, m->matched});
		m->matched = false;
		walk(m, t.state, t.place);
		break;
	case TODO_ALT_END:
		m->matched |= t.low;
		break;
	case TODO_FROM:
		m->groups[t.state].from = t.place;
		break;
	case TODO_TO:
		m->groups[t.state].to = t.place;
		break;
	case TODO_VISIT:
		m->visits[t.state] = t.place;
		break;
	case TODO_NOTE:
		m->notes[t.state * (m->len + 1) + t.place] = m->matched ? NOTE_MATCHED : NOTE_FAILED;
		break;
	}
}

static void attempt(struct matcher *m)
{
	m->found = m->matched = false;
	m->n = 0;
	for (size_t g = 0; g <= m->re->groups; g++)
		m->groups[g] = (struct regex_span){1, 0};
	memset(m->visits, 0, m->re->len * sizeof(*m->visits));
	walk(m, m->re->start, m->at);
	while (m->n && m->status == REGEX_OK) {
		// All whole matches end at the same place, so the first is the one.
		if (m->found && (m->flags & REGEX_WHOLE))
			return;
		undo_or_try(m, m->todo[--m->n]);
		if (m->steps > STEPS_BEFORE_MEMO && !m->notes && !m->no_notes)
			start_notes(m);
		if (m->steps > STEPS_BETWEEN_LOOKS) {
			m->steps = STEPS_BEFORE_MEMO + 1;
			if (m->interrupted && *m->interrupted)
				m->status = REGEX_INTERRUPTED;
		}
	}
}

// Tries every place from 'from' on.
static void search(struct matcher *m)
{
	bool here = m->flags & (REGEX_WHOLE | REGEX_HERE);

	for (size_t i = m->begin; i <= m->len && m->status == REGEX_OK; i++) {
		if (!m->re->nullable) {
			while (!here && i < m->len && !set_has(&m->re->first, (unsigned char)m->text[i]))
				i++;
			if (i == m->len || !set_has(&m->re->first, (unsigned char)m->text[i]))
				return;
		}
		m->at = i;
		attempt(m);
		if (m->found || here)
			return;
	}
}

enum regex_status regex_match(const struct regex *re, const char *text, size_t len, size_t from, int flags,
        struct regex_span *spans, const volatile int *interrupted)
{
	struct matcher m = {.re = re,
	        .text = text,
	        .len = len,
	        .begin = from,
	        .flags = flags,
	        .best = spans,
	        .interrupted = interrupted};

	m.groups = mem_array(re->groups + 1, sizeof(*m.groups));
	m.visits = mem_array(re->len, sizeof(*m.visits));
	search(&m);
	mem_free(m.groups);
	mem_free(m.visits);
	mem_free(m.todo);
	mem_free(m.notes);
	if (m.status != REGEX_OK)
		return m.status;
	return m.found ? REGEX_OK : REGEX_NO_MATCH;
}
