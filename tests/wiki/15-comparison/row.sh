# SPDX-License-Identifier: GPL-2.0-or-later
# what: kernix config compare: ours beside Debian's (from its package) and any file or URL, for some options or all that differ
cat >arch <<'C'
# A file as Arch's package has it.
CONFIG_CRASH_DUMP=y
CONFIG_EXT4_FS=m
CONFIG_HZ=1000
# CONFIG_KSM is not set
C
port=$((20000 + RANDOM % 20000))
busybox httpd -f -p "127.0.0.1:$port" -h "$PWD" &
server=$!
trap 'kill $server; term_end' EXIT
limit=900 must "three columns for what is asked" kernix config compare linux_debian debian "http://127.0.0.1:$port/arch" \
  --option CRASH_DUMP --option CONFIG_EXT4_FS --option HZ
must "their heads" says must.log '^option +linux_debian +debian +arch$'
must "ours, Debian's, Arch's" says must.log '^EXT4_FS +[ym] +m +m$'
must "a value" says must.log '^HZ +250 +250 +1000$'
must "all that differ" kernix config compare linux_debian debian "$PWD/arch"
must "one that only we have" says must.log '^IKCONFIG_PROC +y +- +-$'
must "nothing that is the same" not grep -E '^CRASH_DUMP +y +y +y$' must.log
must "the same as JSON" kernix config compare linux_debian debian "file://$PWD/arch" --option HZ --json
must "with a name a column" says must.log '"arch": "1000"'
must "an unknown option" fails "none of these configurations has the option NO_SUCH" kernix config compare linux_debian debian --option NO_SUCH
must "what is no configuration" fails "has no line of a kernel configuration" kernix config compare linux_debian "$here/probe.sh"
must "a URL that is not there" fails "http://127.0.0.1:$port/none" kernix config compare linux_debian "http://127.0.0.1:$port/none"
must "a word that is nothing" fails "no_such_thing: neither a file, nor a URL" kernix config compare linux_debian no_such_thing
