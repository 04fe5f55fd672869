# SPDX-License-Identifier: GPL-2.0-or-later
# The quotes keep spaces together, not lines.
{ boot.kernelParams = [ "foo=\"a
  linux /evil\"" ]; }
