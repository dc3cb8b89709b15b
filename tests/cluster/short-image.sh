# shellcheck shell=bash disable=SC2154 # The product's image in a pod with the least rights; read by `short`.
"$programs/xtask" image --out "$work/image" --name localhost/xizmat:short >"$work/image.txt"
cat "$work/image.txt"
small() { [ "$(stat -c %s "$work/image/xizmat.oci.tar")" -le 60000000 ]; }
check "the image takes at most 60 MB" small

pod() { # name, fields of the container's security context
  kubectl apply --namespace least --filename - <<Y
apiVersion: v1
kind: Pod
metadata: {name: $1}
spec:
  restartPolicy: Never
  enableServiceLinks: false
  automountServiceAccountToken: false
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
    - name: xizmat
      image: localhost/xizmat:short
      imagePullPolicy: Never
      args: [--version]
      securityContext: {$2}
Y
}
least='allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}'
runs() {
  "$cluster/load" "$work/image/xizmat.oci.tar" && pod version "$least" || return 1
  kubectl wait --namespace least --for jsonpath='{.status.phase}'=Succeeded pod/version --timeout 60s ||
    { kubectl describe --namespace least pod/version; return 1; }
  [ "$(kubectl logs --namespace least version)" = "$("$programs/xizmat" --version)" ]
}
restricted() {
  kubectl create namespace least && kubectl label namespace least pod-security.kubernetes.io/enforce=restricted &&
    kubectl wait --namespace least --for create serviceaccount/default --timeout 30s
}
check "a namespace takes only pods with the least rights" restricted
check "a pod with more rights is refused" refused 'violates PodSecurity "restricted' pod greedy 'privileged: true'
if [ "$mode" = pods ]; then
  check "the image runs there, with a root file system that it cannot write to" runs
  # What the platform in pods needs besides.
  "$cluster/pack" "$work/nats.tar" localhost/nats:short /nats-server <<<"/nats-server $("$root/infra/setup/nats.sh")"
  "$cluster/load" "$work/nats.tar" >/dev/null
else
  reason=$("$cluster/able" 2>&1) && reason="only the control plane was asked for"
  skip "the image runs there, with a root file system that it cannot write to" "$reason"
fi
