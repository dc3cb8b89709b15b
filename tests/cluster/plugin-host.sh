# shellcheck shell=bash disable=SC2154 # The plugin of kubectl on a service whose host runs in pods; read by `platform.sh`.
pods() {
  xizmat status "$name" >"$work/shown" && shown '── host shared  ready' && shown '── database  ready' && shown '── deployment shared  1 of 1 copies take requests' &&
    shown '── pod shared-[a-z0-9-]*  ready: on node$'
}
check "status leads from the service to the pods of its host" pods
said() { xizmat logs "$name" --tail 5 >"$work/shown" && shown '^shared-[a-z0-9-]*: {'; }
check "logs shows what the pods say, each line with its pod" said
followed() { # what is there comes at once; who stops reading is noticed with the next line
  timeout 5 kubectl xizmat --namespace justice logs "$name" --follow --tail 3 | head -n 2 >"$work/shown"
  [ "$(wc -l <"$work/shown")" = 2 ]
}
check "logs that are followed come while they are followed" followed
stuck() { # the operator stays away, and somebody breaks the host by hand
  xizmat pause "$name" && kubectl set image deployment/shared --namespace justice eservice=localhost/nowhere:1 || return 1
  says ErrImageNeverPull kubectl xizmat --namespace justice status "$name" || return 1
  xizmat why "$name" >"$work/shown" && shown 'is paused' && shown 'localhost/nowhere:1' && shown 'Push the image'
}
check "why finds the image that cannot be had behind a paused service, and what to do" stuck
resumed() {
  xizmat resume "$name" --timeout 90 && says localhost/xizmat:short kubectl get deployment shared --namespace justice --output jsonpath='{..image}' &&
    kubectl rollout status deployment shared --namespace justice --timeout 90s && ready --namespace justice --all sd
}
check "resumed, the operator repairs it" resumed
