# SPDX-License-Identifier: GPL-2.0-or-later
# break-module.py FILE.ko HEX: the module's init function begins with these instructions, where no relocation changes them; and the module has no
# signature any more, for one that is wrong is refused where none is taken.
import struct
import sys

path, code = sys.argv[1], bytes.fromhex(sys.argv[2])
data = bytearray(open(path, "rb").read())
magic = b"~Module signature appended~\n"
if data.endswith(magic):
    length, = struct.unpack_from(">I", data, len(data) - len(magic) - 4)
    del data[len(data) - len(magic) - 12 - length:]
table, = struct.unpack_from("<Q", data, 0x28)
size, count, names = struct.unpack_from("<HHH", data, 0x3A)
sections = [struct.unpack_from("<IIQQQQIIQQ", data, table + i * size) for i in range(count)]


def text(section, at):
    begin = section[4] + at
    return bytes(data[begin:data.index(b"\0", begin)]).decode()


symtab = next(s for s in sections if s[1] == 2)
symbols = [struct.unpack_from("<IBBHQQ", data, symtab[4] + i) for i in range(0, symtab[5], 24)]
init = next(s for s in symbols if text(sections[symtab[6]], s[0]) == "init_module")
section = sections[init[3]]
changed = set()
for rela in (s for s in sections if s[1] == 4 and s[7] == init[3]):
    for i in range(0, rela[5], 24):
        at, info = struct.unpack_from("<QQ", data, rela[4] + i)
        changed.update(range(at, at + (8 if info & 0xFFFFFFFF == 1 else 4)))
# Behind endbr64 and the call of the tracer, if there is one: what is before runs as it is.
at = init[4] + 4
while any(at + i in changed for i in range(len(code))):
    at += 1
place = section[4] + at
data[place:place + len(code)] = code
open(path, "wb").write(data)
