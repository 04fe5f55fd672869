# SPDX-License-Identifier: GPL-2.0-or-later
# Setup hook of qtbase: the libraries find each other, and programs their plugins.
export LD_LIBRARY_PATH="@out@/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export QT_PLUGIN_PATH="@out@/lib/qt5/plugins"
export CPLUS_INCLUDE_PATH="@out@/include/qt5${CPLUS_INCLUDE_PATH:+:$CPLUS_INCLUDE_PATH}"
