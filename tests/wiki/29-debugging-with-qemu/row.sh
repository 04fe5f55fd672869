# SPDX-License-Identifier: GPL-2.0-or-later
# what: kernix vm --gdb stops at the start and waits; gdb with the kernel's vmlinux breaks at start_kernel; then the guest boots
limit=1400 must "row 16's kernel, which has debug symbols" ours nix-build "$nixpkgs/nixos" --arg configuration "$here/16-custom-source/small.nix" -A vm -o vm
echo 'echo "UP $(uname -r)"' >probe
NIX_REMOTE="local?root=$store" timeout 300 "$build/kernix" vm ./vm --gdb --timeout 280 --check probe --log console </dev/null >vm.log 2>&1 &
guest_pid=$!
trap 'kill $guest_pid 2>/dev/null; term_end' EXIT
waits() {
  for _ in $(seq 100); do
    grep -q 'waits for gdb' vm.log && sleep 3 && break
    sleep 0.2
  done
  kill -0 $guest_pid && says vm.log 'waits for gdb' && not grep -q . console
}
must "it waits, nothing is said on its console" waits
# The command that it tells, in a batch: to the breakpoint, where we are, and on.
told=$(sed -n 's/.*in another terminal: gdb //p' vm.log)
must "gdb's words are told, with the kernel's vmlinux" test -f "${told%% *}"
debug() { eval "timeout 200 gdb -batch -nx $told -ex 'info source' -ex bt -ex 'print linux_banner' -ex 'delete' -ex detach"; }
must "gdb" debug
must "breaks at start_kernel" says must.log 'Breakpoint 1, start_kernel \(\) at .*init/main.c:[0-9]+'
must "with the kernel's symbols" says must.log 'Linux version 6\.'
boots() { wait $guest_pid; }
must "let go, the guest boots to its end" boots
must "and is that kernel" says console 'UP [0-9.]+-sgx'
