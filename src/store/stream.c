// SPDX-License-Identifier: GPL-2.0-or-later
// Sinks and sources: descriptors, memory, tees, and the digest that runs in a thread of its own once there is
// much to digest.
#include "store/nar.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/thread.h"

static int fd_write(void *ctx, const void *data, size_t len, struct err *e)
{
	return fs_write_all(*(int *)ctx, data, len, "output", e);
}

struct sink sink_fd(int *fd)
{
	return (struct sink){fd_write, fd};
}

static int buf_write(void *ctx, const void *data, size_t len, struct err *e)
{
	(void)e;
	buf_add(ctx, data, len);
	return 0;
}

struct sink sink_buf(struct buf *b)
{
	return (struct sink){buf_write, b};
}

static ssize_t read_fd(int fd, void *data, size_t len, struct err *e)
{
	for (;;) {
		ssize_t n = read(fd, data, len);
		if (n >= 0)
			return n;
		if (errno != EINTR)
			return err_sys(e, errno, "reading input");
	}
}

static ssize_t fd_read(void *ctx, void *data, size_t len, struct err *e)
{
	struct source_fd *f = ctx;

	if (f->pos == f->len) {
		if (len >= sizeof(f->data))
			return read_fd(f->fd, data, len, e);
		ssize_t n = read_fd(f->fd, f->data, sizeof(f->data), e);
		if (n <= 0)
			return n;
		f->pos = 0;
		f->len = (size_t)n;
	}
	size_t n = MIN(len, f->len - f->pos);
	memcpy(data, f->data + f->pos, n);
	f->pos += n;
	return (ssize_t)n;
}

struct source source_fd(struct source_fd *f)
{
	return (struct source){fd_read, f};
}

static ssize_t mem_read(void *ctx, void *data, size_t len, struct err *e)
{
	struct source_mem *m = ctx;
	size_t n = MIN(len, m->len - m->pos);

	(void)e;
	if (n)
		memcpy(data, m->data + m->pos, n);
	m->pos += n;
	return (ssize_t)n;
}

struct source source_mem(struct source_mem *m)
{
	return (struct source){mem_read, m};
}

static ssize_t tee_read(void *ctx, void *data, size_t len, struct err *e)
{
	struct source_tee *t = ctx;
	ssize_t n = t->from->read(t->from->ctx, data, len, e);

	if (n > 0) {
		t->count_bytes += (uint64_t)n;
		int r = t->to->write(t->to->ctx, data, (size_t)n, e);
		if (r < 0)
			return r;
	}
	return n;
}

struct source source_tee(struct source_tee *t)
{
	return (struct source){tee_read, t};
}

static int tee_write(void *ctx, const void *data, size_t len, struct err *e)
{
	struct sink_tee *t = ctx;
	int r = t->a->write(t->a->ctx, data, len, e);

	return r < 0 ? r : t->b->write(t->b->ctx, data, len, e);
}

struct sink sink_tee(struct sink_tee *t)
{
	return (struct sink){tee_write, t};
}

#define BLOCK_BYTES (512u << 10)
#define BLOCKS      4

struct block {
	char data[BLOCK_BYTES];
	size_t len;
};

// Blocks are filled at `head` by the writer and digested at `tail` by the thread; head - tail of them are
// full, at most BLOCKS. The thread starts when the first block is full. lock protects head, tail and done.
struct sink_hash {
	struct hash_ctx *hash;
	uint64_t count_bytes;
	struct block *blocks;
	size_t head, tail;
	bool running, done;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t moved;
};

struct sink_hash *sink_hash_begin(enum hash_algo algo)
{
	struct sink_hash *h = NEW(struct sink_hash);

	h->hash = hash_begin(algo);
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->moved, NULL);
	return h;
}

static void *digest_blocks(void *arg)
{
	struct sink_hash *h = arg;

	pthread_mutex_lock(&h->lock);
	for (;;) {
		while (h->head == h->tail && !h->done)
			pthread_cond_wait(&h->moved, &h->lock);
		if (h->head == h->tail)
			break;
		struct block *b = &h->blocks[h->tail % BLOCKS];
		pthread_mutex_unlock(&h->lock);
		hash_update(h->hash, b->data, b->len);
		pthread_mutex_lock(&h->lock);
		h->tail++;
		pthread_cond_signal(&h->moved);
	}
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

// The block at head is full: hands it to the thread, or digests it here when no thread can be had.
static void push_block(struct sink_hash *h)
{
	if (!h->running)
		h->running = thread_start(&h->thread, digest_blocks, h) == 0;
	if (!h->running) {
		struct block *b = &h->blocks[h->head % BLOCKS];
		hash_update(h->hash, b->data, b->len);
		b->len = 0;
		return;
	}
	pthread_mutex_lock(&h->lock);
	h->head++;
	pthread_cond_signal(&h->moved);
	while (h->head - h->tail == BLOCKS)
		pthread_cond_wait(&h->moved, &h->lock);
	pthread_mutex_unlock(&h->lock);
	h->blocks[h->head % BLOCKS].len = 0;
}

static int hash_write(void *ctx, const void *data, size_t len, struct err *e)
{
	struct sink_hash *h = ctx;
	const char *p = data;

	(void)e;
	h->count_bytes += len;
	if (!h->blocks && h->count_bytes < BLOCK_BYTES) {
		hash_update(h->hash, data, len);
		return 0;
	}
	if (!h->blocks)
		h->blocks = mem_array(BLOCKS, sizeof(*h->blocks));
	while (len) {
		struct block *b = &h->blocks[h->head % BLOCKS];
		size_t n = MIN(len, BLOCK_BYTES - b->len);
		memcpy(b->data + b->len, p, n);
		b->len += n;
		p += n;
		len -= n;
		if (b->len == BLOCK_BYTES)
			push_block(h);
	}
	return 0;
}

struct sink sink_hash(struct sink_hash *h)
{
	return (struct sink){hash_write, h};
}

void sink_hash_end(struct sink_hash *h, struct hash *ret, uint64_t *ret_size_bytes)
{
	struct hash unused;

	if (h->running) {
		pthread_mutex_lock(&h->lock);
		h->done = true;
		pthread_cond_signal(&h->moved);
		pthread_mutex_unlock(&h->lock);
		pthread_join(h->thread, NULL);
	}
	if (h->blocks) {
		struct block *b = &h->blocks[h->head % BLOCKS];
		hash_update(h->hash, b->data, b->len);
		mem_free(h->blocks);
	}
	hash_end(h->hash, ret ? ret : &unused);
	if (ret_size_bytes)
		*ret_size_bytes = h->count_bytes;
	pthread_cond_destroy(&h->moved);
	pthread_mutex_destroy(&h->lock);
	mem_free(h);
}
