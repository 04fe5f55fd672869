#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Root on an NFS server (nfs-ganesha on the loopback, which QEMU's user network reaches as 10.0.2.2): the address by DHCP and by ip=, the
# root by fileSystems and by root=/dev/nfs; and what is said when the server does not give it.
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/configured.sh"
command -v ganesha.nfsd >/dev/null || { echo "skipped: nfs-ganesha is not installed"; [ -z "${KERNIX_REPORT-}" ] || echo "0 0 1" >"$KERNIX_REPORT"; exit 0; }
debian_kernel
build_stage1
port=$((20000 + RANDOM % 10000))
root_tree "$W/root" 'grep " / " /proc/mounts; echo x >/written && echo "root is written"; echo "end of stage 2"'
mkdir -p "$W/nfs"
cat >"$W/nfs/conf" <<END
NFS_CORE_PARAM { NFS_Port = $port; Protocols = 4; Enable_NLM = false; Enable_RQUOTA = false; Bind_addr = 127.0.0.1; }
NFSV4 { Graceless = true; RecoveryRoot = $W/nfs; Minor_Versions = 0, 1, 2; }
NFS_KRB5 { Active_krb5 = false; }
EXPORT { Export_Id = 1; Path = $W/root; Pseudo = /srv/root; Access_Type = RW; Squash = No_Root_Squash; Protocols = 4; SecType = sys; PrivilegedPort = false; FSAL { Name = VFS; } }
END
ganesha.nfsd -F -f "$W/nfs/conf" -L "$W/nfs/log" -p "$W/nfs/pid" >/dev/null 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$W"' EXIT
for _ in $(seq 50); do grep -q 'NFS SERVER INITIALIZED' "$W/nfs/log" 2>/dev/null && break || sleep 0.2; done

net='-netdev user,id=n -device virtio-net-pci,netdev=n'
told() { # NAME INITRD PARAMETERS PATTERN...
  local name=$1 initrd=$2 params=$3 pattern
  shift 3
  boot "$W/$name.log" 120 "$initrd" "quiet no_timer_check boot.panic_on_fail rootdelay=4 $params" $net
  for pattern; do ok "$name: $pattern" says "$W/$name.log" "$pattern"; done
  says "$W/$name.log" "${!#}" || grep -v '^\[ ' "$W/$name.log" | tail -n 25
}
nfs() { echo "fileSystems.\"/\" = { device = \"$1\"; fsType = \"${3-nfs}\"; options = [ \"port=${2-$port}\" ]; };"; }
configured_initrd "$W/initrd" "$(nfs 10.0.2.2:/srv/root)"
told dhcp "$W/initrd" "" '^10.0.2.2:/srv/root / nfs4 rw,.*vers=4.2' 'root is written' 'end of stage 2'
if [ "${1-}" != quick ]; then
  told ip "$W/initrd" "ip=10.0.2.17::10.0.2.2:255.255.255.0::eth0:off root=/dev/nfs nfsroot=10.0.2.2:/srv/root,port=$port,vers=4.1 rw" \
    '^10.0.2.2:/srv/root / nfs4 rw,.*vers=4.1.*clientaddr=10.0.2.17|^10.0.2.2:/srv/root / nfs4 rw,.*vers=4.1' 'end of stage 2'
  told no-path "$W/initrd" "root=/dev/nfs nfsroot=10.0.2.2:/srv/other,port=$port" 'cannot mount 10.0.2.2:/srv/other .* on /: No such file or directory \(the server has no such path\)'
  told no-server "$W/initrd" "root=/dev/nfs nfsroot=10.0.2.2:/srv/root,port=9" 'stage 1 waits for the NFS server 10.0.2.2, port 9' 'the server 10.0.2.2 does not answer at port 9: Connection refused'
  told no-name "$W/initrd" "root=/dev/nfs nfsroot=no-such-host.invalid:/srv/root" 'on /: no DNS server knows no-such-host.invalid'
  told no-word "$W/initrd" "root=/dev/nfs nfsroot=/srv/root" 'nfsroot= names no server'
  configured_initrd "$W/initrd-odd" "$(nfs /srv/root)"
  told odd-device "$W/initrd-odd" "" 'cannot mount /srv/root .* on /: an NFS device is written SERVER:/PATH'
fi
[ -z "${KEEP-}" ] || cp "$W"/*.log "$KEEP"
finish
