#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Writes a file as an array of C. embed.sh FILE OUT.c
set -eu
{
  echo '#include "boot/boottest-program.h"'
  echo 'const unsigned char boottest_program[] = {'
  od -An -v -tu1 "$1" | sed 's|[0-9][0-9]*|&,|g'
  echo '};'
  echo 'const size_t boottest_program_bytes = sizeof(boottest_program);'
} >"$2"
