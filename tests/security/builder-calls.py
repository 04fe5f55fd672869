# SPDX-License-Identifier: GPL-2.0-or-later
# Run by builders: tries calls that they should not have, and says what came of each.
import ctypes
import errno
import os
import socket
import sys

libc = ctypes.CDLL(None, use_errno=True)
numbers = {'x86_64': {'add_key': 248, 'request_key': 249, 'keyctl': 250}, 'aarch64': {'add_key': 217, 'request_key': 218, 'keyctl': 219}}


def call(*words):
    if libc.syscall(*words) < 0:
        raise OSError(ctypes.get_errno(), 'call')


def say(name, f):
    try:
        f()
        print(name, 'ok', flush=True)
    except OSError as e:
        print(name, errno.errorcode[e.errno], flush=True)


def connect(name):
    socket.socket(socket.AF_UNIX).connect('\0' + name)


def listen():
    s = socket.socket(socket.AF_UNIX)
    s.bind('\0kernix-of-builder')
    s.listen()


def pair(kind):
    for s in socket.socketpair(type=kind):
        s.close()


def inet():
    s = socket.socket()
    s.bind(('127.0.0.1', 0))
    s.listen()


if sys.argv[1] == 'keys':
    of = numbers[os.uname().machine]
    say('add_key', lambda: call(of['add_key'], b'user', b'x', b'x', 1, -3))
    say('request_key', lambda: call(of['request_key'], b'user', b'kernix-secret', b'', -3))
    say('keyctl', lambda: call(of['keyctl'], 0, -3, 0))
else:
    say('connect', lambda: connect(sys.argv[2]))
    say('listen', listen)
    say('datagram', lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    say('pair', lambda: pair(socket.SOCK_STREAM))
    say('dgram-pair', lambda: pair(socket.SOCK_DGRAM))
    say('raw-pair', lambda: pair(socket.SOCK_RAW))
    say('io_uring', lambda: call(425, 1, ctypes.create_string_buffer(256)))
    say('inet', inet)
