// SPDX-License-Identifier: GPL-2.0-or-later
// Threads beside the one that does the work. A signal to the process goes to any thread that lets it through,
// and its default action ends all of them; so helpers let none through, and whoever waits for signals in the
// working thread (builds do) gets every one.
#pragma once

#include <pthread.h>

// pthread_create(3) with all signals blocked in the new thread; 0 or a positive errno.
int thread_start(pthread_t *ret, void *(*f)(void *arg), void *arg);
