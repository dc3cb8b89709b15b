# shellcheck shell=bash disable=SC2154 # etcd, API server, controllers and scheduler; read by `leader`.
if [ "$(mode)" = pods ]; then
  # All addresses of its own network namespace: loopback, the node's, the pods' gateway.
  ip link set lo up
  await ip link show eth0
  ip address add "$node_address/24" dev eth0
  ip link set eth0 up
  ip route add default via "$host_address"
  listening=(--bind-address 0.0.0.0 --advertise-address "$node_address")
else
  listening=(--bind-address 127.0.0.1 --advertise-address 127.0.0.1 --endpoint-reconciler-type none)
fi

start etcd --data-dir etcd --unsafe-no-fsync --log-level warn \
  --listen-client-urls "unix://etcd.sock" --advertise-client-urls "unix://etcd.sock" --listen-peer-urls unix://etcd-peer.sock
start kube-apiserver "${listening[@]}" --secure-port 6443 --etcd-servers unix://etcd.sock \
  --tls-cert-file pki/apiserver.crt --tls-private-key-file pki/apiserver.key --client-ca-file pki/ca.crt \
  --service-account-issuer https://kubernetes.default.svc --service-account-key-file pki/service-accounts.pub \
  --service-account-signing-key-file pki/service-accounts.key --service-cluster-ip-range "$service_network" \
  --audit-policy-file "$here/audit.yaml" --audit-log-path audit.log --audit-log-maxsize 100 --audit-log-maxbackup 1 \
  --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction --allow-privileged \
  --kubelet-client-certificate pki/admin.crt --kubelet-client-key pki/admin.key --kubelet-preferred-address-types InternalIP
await answers
# What controllers may ask in a second is no property of what is tested: the defaults (20, 50) are for small masters.
busy=(--kube-api-qps 500 --kube-api-burst 1000)
start kube-controller-manager "${busy[@]}" --kubeconfig kubeconfig/controller-manager --leader-elect=false --bind-address 127.0.0.1 \
  --service-account-private-key-file pki/service-accounts.key --root-ca-file pki/ca.crt --use-service-account-credentials \
  --cluster-signing-cert-file pki/ca.crt --cluster-signing-key-file pki/ca.key \
  --flex-volume-plugin-dir "$state/volume-plugins" \
  --allocate-node-cidrs --cluster-cidr "$pod_network" --service-cluster-ip-range "$service_network"
start kube-scheduler "${busy[@]}" --kubeconfig kubeconfig/scheduler --leader-elect=false --bind-address 127.0.0.1
