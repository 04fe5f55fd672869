# SPDX-License-Identifier: GPL-2.0-or-later
# what: modprobe, modprobe -r; modules of stage 1 and of stage 2
must "stage 1" guest stage1 dummy
must "stage 2" guest loaded dm_writeboost
