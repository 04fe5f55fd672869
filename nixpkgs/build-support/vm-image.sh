# SPDX-License-Identifier: GPL-2.0-or-later
# The builder of vm-image.nix: closure and tools are reference graphs of what goes in;
# $bootedSystem, $guestTools, $guestInit, $label, $uuid, $extraFree, $out.
export PATH="$PATH:/usr/sbin:/sbin"

mkdir -p root/nix/store
for folder in bin dev etc lib proc root run sbin sys tmp var; do mkdir root/$folder; done
grep -h '^/nix/store/' closure tools | grep -v '\.drv$' | sort -u | while read -r path; do
  cp -a --no-preserve=ownership "$path" root/nix/store/
done
for program in "$guestTools"/bin/*; do
  case ${program##*/} in busybox) ;; *) ln -s "$program" root/bin/ ;; esac
done
ln -s "$guestInit" root/sbin/init
# Busybox's modprobe reads /etc/modprobe.d only, and the system's stage 2 may not put anything there.
mkdir root/etc/modprobe.d
for file in "$bootedSystem"/etc/modprobe.d/*.conf; do
  [ ! -e "$file" ] || ln -s "$file" root/etc/modprobe.d/
done
chmod 1777 root/tmp
chmod 755 root/nix/store
find root -exec touch -h -d @1 {} +

# Blocks of 4 KiB: contents, a third of an inode's block for each file, and room.
files=$(find root | wc -l)
kib=$(du -sk --apparent-size root | cut -f 1)
size=$((kib + kib / 16 + files * 4 + extraFree * 1024))
mkdir -p "$out"
E2FSPROGS_FAKE_TIME=1 mke2fs -q -t ext4 -b 4096 -m 0 -N $((files + 2000)) -L "$label" -U "$uuid" \
  -E hash_seed="$uuid",root_owner=0:0,lazy_itable_init=0 -O ^has_journal,^resize_inode -d root "$out/root.img" "${size}k"

# mke2fs takes owner and times from the files; nobody can set a change time, and reading moves the access time of folders,
# so these are set in the image.
(cd root && find . -printf '%P\n') | sed 's|.*|sif "/&" ctime @1\nsif "/&" atime @1\nsif "/&" uid 0\nsif "/&" gid 0|' > commands
printf 'sif "/lost+found" %s @1\n' ctime atime >> commands
E2FSPROGS_FAKE_TIME=1 debugfs -w -f commands "$out/root.img" > /dev/null 2> errors
if grep -v '^debugfs ' errors | grep .; then
  echo "error: debugfs could not set owners and times in the image" >&2
  exit 1
fi
chmod 444 "$out/root.img"
