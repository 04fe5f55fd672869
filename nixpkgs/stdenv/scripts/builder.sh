# SPDX-License-Identifier: GPL-2.0-or-later
# The builder of every stdenv derivation: load what the derivation says, then run its phases.
set -e -o pipefail
if [ -e "${NIX_ATTRS_SH_FILE:-$NIX_BUILD_TOP/.attrs.sh}" ]; then
    source "${NIX_ATTRS_SH_FILE:-$NIX_BUILD_TOP/.attrs.sh}"
fi
source "$stdenv/setup"
genericBuild
