# SPDX-License-Identifier: GPL-2.0-or-later
# The builder of tree.nix. Its output has what was made, and nothing of when.
mkdir -p /build/o/include/config
cd /build/o
eval "$extra"
cmp -s "$configfile" .config || cp --no-preserve=mode "$configfile" .config
for name in $(cat .config include/config/names 2>/dev/null | sed -n 's/^\(CONFIG_[A-Z]*\).*/\1/p' | sort -u); do
    grep "^$name=" .config >value || true
    cmp -s value "include/config/$name" || cp value "include/config/$name"
done
ls include/config >names
cmp -s names include/config/names || cp names include/config/names
sed -n 's/^\(CONFIG_[A-Z]*\)=\(.*\)/#define \1 \2/p' .config >options.h
make -s -f /src/Makefile
echo "compiled $(ls compiled-* 2>/dev/null | wc -l)"
rm -f compiled-*
mkdir "$out"
cp image "$out/image"
cp -r generated "$out/generated" 2>/dev/null || true
