# SPDX-License-Identifier: GPL-2.0-or-later
# IPv6 addresses: parsing to eight groups, and the interface part made from a hardware address.
{ lib }:

let
  inherit (builtins) elemAt length match;

  bad = text: why: throw "lib.network.ipv6.fromString: ${text} is no valid IPv6 address: ${why}";

  groups =
    text: part:
    if part == "" then
      [ ]
    else
      map (
        g:
        if match "[0-9a-fA-F]{1,4}" g == null then bad text "the group '${g}' is not 1 to 4 hexadecimal digits" else lib.fromHexString g
      ) (lib.splitString ":" part);

  # `::` stands for as many zero groups as are missing.
  expand =
    text: address:
    let
      halves = lib.splitString "::" address;
      front = groups text (elemAt halves 0);
      back = groups text (elemAt halves 1);
      missing = 8 - length front - length back;
    in
    if length halves > 2 then
      bad text "it has more than one ::"
    else if length halves == 1 then
      (if length front == 8 then front else bad text "it has ${toString (length front)} groups instead of 8")
    else if missing < 1 then
      bad text "it has too many groups"
    else
      front ++ lib.replicate missing 0 ++ back;
in
rec {
  ipv6 = {
    # "2001:db8::1/64" is { address = "2001:db8:0:0:0:0:0:1"; prefixLength = 64; }; without a length it is 128.
    fromString =
      text:
      let
        parts = lib.splitString "/" text;
        length' = if length parts == 1 then 128 else lib.toInt (elemAt parts 1);
        all = expand text (elemAt parts 0);
      in
      if length parts > 2 || length' < 0 || length' > 128 then
        bad text "the prefix length must be from 0 to 128"
      else
        builtins.deepSeq all {
          address = lib.concatMapStringsSep ":" (g: lib.toLower (lib.toHexString g)) all;
          prefixLength = length';
        };

    # The modified EUI-64 of a hardware address: ff:fe in the middle, the universal bit turned.
    inherit mkEUI64Suffix;
  };

  mkEUI64Suffix =
    mac:
    let
      bytes = map lib.fromHexString (lib.splitString ":" mac);
      hex = n: lib.toLower (lib.fixedWidthString 2 "0" (lib.toHexString n));
      b = i: hex (elemAt bytes i);
      first = hex (builtins.bitXor 2 (elemAt bytes 0));
    in
    if match "[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}" mac == null then
      throw "lib.network.ipv6.mkEUI64Suffix: ${mac} is no hardware address of the form aa:bb:cc:dd:ee:ff"
    else
      "${first}${b 1}:${b 2}ff:fe${b 3}:${b 4}${b 5}";
}
