# SPDX-License-Identifier: GPL-2.0-or-later
# A copy of the configuration on installation media: nothing to do here.
{ }
