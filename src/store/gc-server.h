// SPDX-License-Identifier: GPL-2.0-or-later
// While a collector runs it holds gc.lock, so other processes tell it of new temporary roots through a
// socket, gc-socket/socket: a line with a path, answered with "1". This is the thread that listens.
#pragma once

#include <stdbool.h>
#include "base/err.h"

struct gc_server;
struct store;

// Before gc.lock is taken; nobody finds the socket until gc_server_publish, which is to follow the lock at
// once: between them Nix 2.8 would try to connect, fail, and never try again.
int gc_server_start(struct store *s, struct gc_server **ret, struct err *e);
int gc_server_publish(struct gc_server *g, struct err *e);
// May this path be deleted now? False when somebody has asked for it since the start. True keeps those who
// ask for it waiting until gc_server_deleted.
bool gc_server_may_delete(struct gc_server *g, const char *path);
// All that may_delete was true for are gone: who waits goes on.
void gc_server_deleted(struct gc_server *g);
// Answers nobody any more, before the lock is given up. Who asks now waits for gc_server_free, after it, and
// then finds no lock.
void gc_server_quiet(struct gc_server *g);
void gc_server_free(struct gc_server *g);
