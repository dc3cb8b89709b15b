# shellcheck shell=bash disable=SC2034,SC2154 # A platform on this machine, started while the cluster rises; read by `short`.
data=$work/platform
# Two agencies are known to it, for their officers; their namespaces come with the cluster's own resources.
for agency in justice civil-status; do install -D "$root/examples/$agency/agency.yaml" "$work/agencies/$agency/agency.yaml"; done
"$programs/xizmat" up --data "$data" --listen 127.0.0.1:0 --health 127.0.0.1:0 --nats-port 0 \
  --definitions "$work/agencies" --rehearsal \
  --nats-server "$("$root/infra/setup/nats.sh")" --json >"$work/up.json" 2>"$work/up.log" &
running+=($!)
