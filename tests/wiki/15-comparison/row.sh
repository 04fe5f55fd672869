# SPDX-License-Identifier: GPL-2.0-or-later
# what: kernix config compare: ours beside those of distributions
tree=$(built '<nixpkgs>' -A linux_debian.tree)
image=$(built '<nixpkgs>' -A linux_debian_bin)
must "Debian's is compared" kernix config compare --source "$tree" --base allnoconfig "$image/config"
must "an option that differs" says must.log EXT4_FS
