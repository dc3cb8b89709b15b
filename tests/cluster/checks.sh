# shellcheck shell=bash # How a check in a cluster is written: a sentence, and a command that proves it.
passed=0 failed=0 skipped=0
said=$(mktemp)

# Ends what this script started and what still runs: the number of what has ended by itself may be another process's by now.
end() { # process ids…
  local left
  mapfile -t left < <(for pid; do grep -qsE "^PPid:[[:space:]]+$$\$" "/proc/$pid/status" && echo "$pid"; done)
  [ ${#left[@]} = 0 ] && return
  kill -TERM "${left[@]}" 2>/dev/null || true
  # One that was stopped hears of it, too.
  kill -CONT "${left[@]}" 2>/dev/null || true
  wait "${left[@]}" 2>/dev/null || true
}
check() { # sentence, command…
  local sentence=$1 begun=$SECONDS; shift
  if "$@" >"$said" 2>&1; then
    passed=$((passed + 1)); took "ok     " "$sentence"
  else
    failed=$((failed + 1)); took "FAILED " "$sentence"; sed 's/^/        /' "$said"
  fi
}
# Where the time went is said, and never judged.
took() { printf '%s%4d s  %s\n' "$1" "$((SECONDS - begun))" "$2"; }
skip() { # sentence, reason
  skipped=$((skipped + 1)); echo "skipped $1: $2"
}
refused() { # words that the refusal holds, command…
  local words=$1; shift
  if "$@" >"$said.refusal" 2>&1; then echo "was accepted"; return 1; fi
  grep -F -- "$words" "$said.refusal" || { echo "refused without the words: $words"; cat "$said.refusal"; return 1; }
}
says() { # words, command… — waits for up to ten seconds
  local words=$1; shift
  for _ in $(seq 50); do
    if "$@" 2>&1 | tee "$said.last" | grep -qF -- "$words"; then return 0; fi
    sleep 0.2
  done
  echo "never said: $words"; cat "$said.last"; return 1
}
# Kinds that others define, from their modules.
definition_of() { # module@version, path in it, names of resource definitions: their files
  local folder name
  folder=$( (cd /tmp && go mod download -json "$1") | sed -n 's|^\t"Dir": "\(.*\)",$|\1|p')
  for name in "${@:3}"; do echo "$folder/$2/$name.yaml"; done
}
of_prometheus() { # names of its operator's kinds
  definition_of github.com/prometheus-operator/prometheus-operator@v0.85.0 example/prometheus-operator-crd "${@/#/monitoring.coreos.com_}"
}
# What touches nothing that the others look at is checked while they are; `joined` says what came of it.
checking=
counted_apart() { # in a process of its own
  said=$said.apart passed=0 failed=0 skipped=0
  "$@"
  echo "$passed $failed $skipped" >"$said.counts"
}
meanwhile() { # command that checks
  rm -f "$said.apart.counts"
  counted_apart "$@" >"$said.told" 2>&1 &
  checking=$!
}
joined() {
  local more
  wait "$checking" || true
  checking=
  cat "$said.told"
  if ! read -ra more <"$said.apart.counts"; then echo "FAILED what was checked meanwhile broke off"; more=(0 1 0); fi
  passed=$((passed + more[0])) failed=$((failed + more[1])) skipped=$((skipped + more[2]))
}
total() { # ends the run
  rm -f "$said"*
  echo "$passed passed, $failed failed, $skipped skipped, ${SECONDS} s"
  [ "$failed" = 0 ]
}
