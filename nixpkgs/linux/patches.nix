# SPDX-License-Identifier: GPL-2.0-or-later
# Entries for kernelPatches that people name. The kernels here are the upstream sources as they are; helpers that
# NixOS patches for its own layout (bridge_stp_helper, request_key_helper) are empty entries, so that lists naming them
# stay valid.
let
  none = name: { inherit name; patch = null; };
in
{
  bridge_stp_helper = none "bridge-stp-helper";
  request_key_helper = none "request-key-helper";
  request_key_helper_updated = none "request-key-helper-updated";
  modinst_arg_list_too_long = none "modinst-arglist-too-long";
  cpu-cgroup-v2 = { };
  rtl8761b_support = none "rtl8761b-support";
  export-rt-sched-migrate = none "export-rt-sched-migrate";
}
