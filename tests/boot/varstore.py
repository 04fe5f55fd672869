#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes variables into a fresh OVMF variable store: varstore.py STORE NAME GUID ATTRIBUTES FILE. What a person does in the firmware's menu and
in MokManager (enrolling keys), before the machine is turned on. The layout is EDK2's authenticated variable store."""
import sys

HEAD, ADDED = 60, 0x3F


def align(n):
    return (n + 3) & ~3


def guid_bytes(text):  # the first three numbers are little-endian
    parts = [bytes.fromhex(part) for part in text.split("-")]
    return b"".join(part[::-1] for part in parts[:3]) + parts[3] + parts[4]


def main():
    path, name, guid, attributes, content = sys.argv[1:]
    with open(path, "rb") as f:
        store = bytearray(f.read())
    with open(content, "rb") as f:
        data = f.read()
    volume = int.from_bytes(store[48:50], "little")  # length of the firmware volume's header
    assert store[40:44] == b"_FVH", "no firmware volume"
    end = volume + int.from_bytes(store[volume + 16:volume + 20], "little")
    at = volume + 28
    while store[at:at + 2] == b"\xaa\x55":
        sizes = [int.from_bytes(store[at + k:at + k + 4], "little") for k in (36, 40)]
        at = align(at + HEAD + sum(sizes))
    text = (name + "\0").encode("utf-16-le")
    head = b"\xaa\x55" + bytes([ADDED, 0]) + int(attributes, 0).to_bytes(4, "little") + bytes(8)
    # A time of writing, which those with authenticated access need.
    head += (2020).to_bytes(2, "little") + bytes([1, 1]) + bytes(12) + bytes(4)
    head += len(text).to_bytes(4, "little") + len(data).to_bytes(4, "little") + guid_bytes(guid)
    row = head + text + data
    assert len(head) == HEAD and at + len(row) < end, "no room"
    store[at:at + len(row)] = row
    with open(path, "wb") as f:
        f.write(store)


main()
