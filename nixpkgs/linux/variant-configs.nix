# SPDX-License-Identifier: GPL-2.0-or-later
# What the special kernels ask for beyond the common configuration: responsiveness (zen, xanmod), realtime, hardening.
{ lib }:
with lib.kernel;
{
  zen = {
    ZEN_INTERACTIVE = option yes;
    PREEMPT = lib.mkOverride 60 (option yes);
    PREEMPT_VOLUNTARY = lib.mkOverride 60 (option no);
    HZ_1000 = option yes;
    HZ = option (freeform "1000");
    TCP_CONG_BBR = option yes;
    FUTEX_PI = option yes;
    NTSYNC = option yes;
  };

  xanmod = {
    PREEMPT = lib.mkOverride 60 (option yes);
    PREEMPT_VOLUNTARY = lib.mkOverride 60 (option no);
    X86_64_VERSION = option (freeform "1");
    HZ_250 = option yes;
    TCP_CONG_BBR = option yes;
    DEFAULT_BBR = option yes;
    RCU_EXPERT = option yes;
    NTSYNC = option yes;
  };

  realtime = {
    EXPERT = yes;
    PREEMPT_RT = yes;
    PREEMPT = lib.mkOverride 60 (option no);
    PREEMPT_VOLUNTARY = lib.mkOverride 60 (option no);
    RT_GROUP_SCHED = lib.mkOverride 60 (option no);
  };

  hardened = version: {
    SECURITY_YAMA = option yes;
    SECURITY_LOCKDOWN_LSM = option yes;
    STRICT_KERNEL_RWX = option yes;
    DEBUG_LIST = option yes;
    BUG_ON_DATA_CORRUPTION = option yes;
    SCHED_STACK_END_CHECK = option yes;
    FORTIFY_SOURCE = option yes;
    INIT_ON_ALLOC_DEFAULT_ON = option yes;
    INIT_ON_FREE_DEFAULT_ON = option yes;
    SLAB_FREELIST_RANDOM = option yes;
    SLAB_FREELIST_HARDENED = option yes;
    RANDSTRUCT_FULL = option yes;
    GCC_PLUGINS = option yes;
    MODIFY_LDT_SYSCALL = option no;
    LEGACY_VSYSCALL_NONE = option yes;
    PROC_KCORE = option no;
    INET_DIAG = option no;
    KEXEC = lib.mkOverride 60 (option no);
    HIBERNATION = lib.mkOverride 60 (option no);
  };
}
