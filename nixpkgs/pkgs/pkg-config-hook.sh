# SPDX-License-Identifier: GPL-2.0-or-later
# Setup hook of pkg-config: makes a build use this one.
export PKG_CONFIG=@out@/bin/pkg-config
