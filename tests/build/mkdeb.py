# SPDX-License-Identifier: GPL-2.0-or-later
# mkdeb.py OUT COMPRESSION MTIME ENTRY...: a Debian package's file with just what a test wants. An ENTRY is TYPE:NAME[:TEXT]: f file, x executable,
# s setuid executable, d folder, l link to TEXT, h hard link to TEXT, c device, p FIFO. Names are taken as they are, however bad.
import io
import sys
import tarfile

out, compression, mtime, entries = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]
types = {"d": tarfile.DIRTYPE, "l": tarfile.SYMTYPE, "h": tarfile.LNKTYPE, "c": tarfile.CHRTYPE, "p": tarfile.FIFOTYPE}
modes = {"f": 0o644, "x": 0o755, "s": 0o4755, "d": 0o700}

data = io.BytesIO()
with tarfile.open(fileobj=data, mode="w:" + compression, format=tarfile.GNU_FORMAT) as tar:
    for entry in entries:
        kind, name, text = (entry.split(":", 2) + [""])[:3]
        info = tarfile.TarInfo(name)
        info.type = types.get(kind, tarfile.REGTYPE)
        info.mode = modes.get(kind, 0o644)
        info.mtime = mtime
        info.uid = info.gid = mtime % 1000
        content = text.encode() if info.type == tarfile.REGTYPE else b""
        info.size = len(content)
        info.linkname = text if kind in "lh" else ""
        info.devmajor, info.devminor = 1, 3
        tar.addfile(info, io.BytesIO(content))

suffix = {"": "", "gz": ".gz", "xz": ".xz"}[compression]
with open(out, "wb") as deb:
    deb.write(b"!<arch>\n")
    for name, member in (("debian-binary", b"2.0\n"), ("control.tar", b"\0" * 1024), ("data.tar" + suffix, data.getvalue())):
        deb.write(f"{name:<16}{mtime:<12}{0:<6}{0:<6}{'100644':<8}{len(member):<10}`\n".encode() + member + b"\n" * (len(member) % 2))
