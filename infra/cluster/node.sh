# shellcheck shell=bash disable=SC2154 # containerd, kubelet and kube-proxy; read by `leader` inside the namespaces.

# What these programs write outside their own folders stays in this mount namespace and is gone with it.
mkdir -p cni devices containers /var/lib/{cni,kubelet}
mount -t tmpfs run /run
mount --bind containers /var/log
mount --bind cni /var/lib/cni
mount --bind devices /var/lib/kubelet
sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1
echo "nameserver 127.0.0.1" >resolv.conf
# All pods' cgroups lie under one, in every hierarchy where there are several.
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p /sys/fs/cgroup/xizmat
else
  for hierarchy in /sys/fs/cgroup/*/; do mkdir -p "$hierarchy/xizmat"; done
  for given in cpus mems; do cat /sys/fs/cgroup/cpuset/cpuset.$given >/sys/fs/cgroup/cpuset/xizmat/cpuset.$given; done
fi

fill() { sed -e "s|@state|$state|g" -e "s|@node|$node_address|g" -e "s|@dns|$dns_address|g" -e "s|@pods|${pod_network%/*}/24|g" \
  -e "s|@snapshots|$(snapshots)|g" "$here/node/$1" >"$2"; }
mkdir -p net.d
fill network.json net.d/10-pods.conflist
fill containerd.toml containerd.toml
fill kubelet.yaml kubelet.yaml

start containerd -c containerd.toml
await ctr -a "$state/containerd.sock" version
"$here/pack" "$state/pause.tar" localhost/pause:1 /bin/busybox sleep infinity <<<"/bin/busybox $(command -v busybox)"
"$here/pack" "$state/dns.tar" localhost/coredns:1 /bin/coredns <<<"/bin/coredns $bin/coredns"
for image in pause dns; do "$here/load" "$state/$image.tar" >/dev/null; done
start kubelet --config kubelet.yaml --kubeconfig kubeconfig/node --hostname-override node --node-ip "$node_address" --root-dir "$state/kubelet"
start kube-proxy --kubeconfig kubeconfig/proxy --hostname-override node --bind-address "$node_address" \
  --proxy-mode iptables --cluster-cidr "$pod_network" --conntrack-max-per-core 0
