#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes BUILD/bin with one link to kernix for every command name that kernix answers to, its own among them.
set -eu
mkdir -p "$1/bin"
for name in kernix $("$1/kernix" --command-links); do
  [ "$(readlink "$1/bin/$name" 2>/dev/null)" = ../kernix ] || ln -sfn ../kernix "$1/bin/$name"
done
