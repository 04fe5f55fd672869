# SPDX-License-Identifier: GPL-2.0-or-later
# A node of Kubernetes.
# kind: configuration
{ services.kubernetes = { roles = [ "master" "node" ]; masterAddress = "api.kube"; kubelet.extraOpts = "--fail-swap-on=false"; }; }
