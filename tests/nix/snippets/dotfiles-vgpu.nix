# SPDX-License-Identifier: GPL-2.0-or-later
# Virtual GPUs.
# kind: configuration
# says: virtualisation.kvmgt.vgpus: no virtual GPUs are made
{ virtualisation.kvmgt = { enable = true; vgpus."i915-GVTg_V5_4".uuid = [ "a297db4a-f4c2-11e6-90f6-d3b88d6c9525" ]; }; hardware.nvidia.datacenter.enable = true; }
