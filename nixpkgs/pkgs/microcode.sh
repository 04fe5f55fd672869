# SPDX-License-Identifier: GPL-2.0-or-later
# The microcode of one vendor's processors as an early archive: kernel/x86/microcode/$file.bin uncompressed, where the kernel looks for it before it
# unpacks anything (its Documentation/arch/x86/microcode.rst). $sources: a folder of the vendor's files, or a Debian package with such a folder.

if [ -d "$sources" ]; then folder=$sources; else
  mkdir tree
  dpkg-deb --fsys-tarfile "$sources" | tar -x -C tree --no-same-owner
  folder=$(find tree -type d -name "$folderName" | head -n 1)
  [ ! -d tree/usr/share/doc ] || { mkdir -p "$out" && cp -r tree/usr/share/doc "$out/doc"; }
fi
mapfile -t files < <(find "$folder/" -maxdepth 1 -type f ! -name '.*' | LC_ALL=C sort)
if [ -z "$folder" ] || [ ${#files[@]} = 0 ]; then
  echo "error: there is no microcode in $sources" >&2
  exit 1
fi

# Intel's files hold one update or several, many of them in several files. Of each (signature, platforms) the newest revision is kept, as iucode_tool does
# it, also from files named .initramfs, whose updates are for this early archive only.
gather_intel() {
  local path offset size version revision sig pf total key
  declare -A best=()
  for path in "${files[@]}"; do
    size=$(stat -c %s "$path") offset=0
    while [ "$offset" -lt "$size" ]; do
      read -r version revision _ sig _ _ pf _ total < <(od -An -v --endian=little -tu4 -w36 -j"$offset" -N36 "$path")
      # Before there was a length all had 2048 bytes.
      [ "${total:-0}" != 0 ] || total=2048
      if [ "$version" != 1 ] || [ $((offset + total)) -gt "$size" ]; then
        echo "error: $path is no file of Intel's microcode (at byte $offset)" >&2
        exit 1
      fi
      key=$(printf '%08x %08x' "$sig" "$pf")
      read -r known _ <<<"${best[$key]-0}"
      if [ -z "${best[$key]-}" ] || [ "$revision" -gt "$known" ]; then best[$key]="$revision $offset $total $path"; fi
      offset=$((offset + total))
    done
  done
  while read -r key; do
    read -r _ offset total path <<<"${best[$key]}"
    dd if="$path" iflag=skip_bytes,count_bytes skip="$offset" count="$total" bs=64K status=none
  done < <(printf '%s\n' "${!best[@]}" | LC_ALL=C sort)
}
case $file in
  GenuineIntel) gather_intel ;;
  *) cat "${files[@]}" ;;
esac >microcode.bin

zeros() { head -c "$1" /dev/zero; }
pos=0 inode=0
# entry NAME MODE [FILE]: what a file holds begins at a multiple of 16, which Intel's processors want: its name gets more zeros at its end.
entry() {
  local length=$((${#1} + 1)) size=0
  if [ -n "${3-}" ]; then
    size=$(stat -c %s "$3")
    length=$((length + (16 - (pos + 110 + length) % 16) % 16))
  fi
  inode=$((inode + 1))
  printf '070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s' $inode $((8#$2)) 0 0 1 1 "$size" 0 0 0 0 $length 0 "$1"
  zeros $((length - ${#1} + (4 - (110 + length) % 4) % 4))
  pos=$((pos + (110 + length + 3) / 4 * 4))
  if [ -n "${3-}" ]; then
    cat "$3"
    zeros $(((4 - size % 4) % 4))
    pos=$((pos + (size + 3) / 4 * 4))
  fi
}
mkdir -p "$out"
{
  entry kernel 40755
  entry kernel/x86 40755
  entry kernel/x86/microcode 40755
  entry "kernel/x86/microcode/$file.bin" 100644 microcode.bin
  entry 'TRAILER!!!' 0
  zeros $(((512 - pos % 512) % 512))
} >"$out/$image"
