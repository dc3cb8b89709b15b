{{/* The file of settings that a role reads: .root, .role, .about. Secrets are files that it names. */}}

{{- define "xizmat.settings-of-role" -}}
{{- $url := .Values.publicUrl -}}
exchange:
  keys_dir: /run/xizmat/keys
  folder: /var/lib/xizmat/nats
identity:
  issuer: {{ $url }}/identity
  proxies: {{ .Values.proxies }}
  signing_key_files: [/run/xizmat/keys/signing-key.pem]
  sealing_key_file: /run/xizmat/keys/sealing-key
  lookup_key_file: /run/xizmat/keys/lookup.key
  clients:
    - id: portal
      secret_file: /run/xizmat/keys/portal-client-secret
      redirect_uris: [{{ $url }}/signed-in]
      post_logout_redirect_uris: [{{ $url }}/]
      audiences: [eservice, docket, payments, signing, notifications, exchange, identity, register]
    - id: cli
      redirect_uris: [http://127.0.0.1/cli]
      audiences: [exchange, eservice, identity, register]
signing:
  ca_dir: /var/lib/xizmat/ca
  verify_url: {{ $url }}/verify
payments:
  return_origins: [{{ $url }}]
notifications:
  numbers_key_file: /run/xizmat/keys/numbers.key
  bounces_key_file: /run/xizmat/keys/bounces.key
  {{- with .Values.bounces.domain }}
  bounces:
    domain: {{ . | quote }}
    listen: "0.0.0.0:2525"
  {{- end }}
eservice:
  lookup_key_file: /run/xizmat/keys/lookup.key
docket:
  reasons_key_file: /run/xizmat/keys/reasons.key
portal:
  base_url: {{ $url }}
  issuer: {{ $url }}/identity
  identity_url: http://{{ include "xizmat.name" . }}-identity:8080/identity
  client_secret_file: /run/xizmat/keys/portal-client-secret
  session_key_file: /run/xizmat/keys/portal-session.key
  trusted_hops: {{ .Values.proxies }}
operator:
  namespace: {{ .Release.Namespace }}
  portal_url: {{ $url }}
  {{- if .Values.webhook.enabled }}
  webhook:
    listen: "0.0.0.0:9443"
    {{- if .Values.webhook.certManager.enabled }}
    certificate_folder: /run/xizmat/webhook
    {{- else }}
    names: [{{ include "xizmat.name" . }}-webhook.{{ .Release.Namespace }}.svc]
    secret: {{ include "xizmat.name" . }}-webhook
    configuration: {{ include "xizmat.webhook-configuration" . }}
    {{- end }}
  {{- end }}
  engineer_role: {{ include "xizmat.engineer-role" . }}
  instance: {{ .Release.Name | quote }}
  {{- if not .Values.sharedHost.enabled }}
  {{- with .Values.monitoring.labels }}
  host_monitor_labels: {{- toYaml . | nindent 4 }}
  {{- end }}
  host_image: {{ include "xizmat.image" . }}
  host_image_pull_policy: {{ .Values.image.pullPolicy }}
  host_nats_url: {{ .Values.nats.external | default (printf "%s://%s-nats.%s.svc:4222" (include "xizmat.nats-tls" . | eq "true" | ternary "tls" "nats") (include "xizmat.name" .) .Release.Namespace) }}
  trusted_keys_config_map: {{ include "xizmat.name" . }}-trusted-keys
  lookup_key_secret: {{ include "xizmat.name" . }}-identity
  database:
    kind: {{ .Values.database.kind }}
    {{- if include "xizmat.cluster" . }}
    cluster: {{ include "xizmat.cluster" . }}
    {{- else if eq .Values.database.kind "postgresql" }}
    administrator_url_file: /run/xizmat/administrator/url
    {{- else }}
    volume_size: {{ .Values.volumes.size }}
    {{- if not (kindIs "invalid" .Values.volumes.storageClass) }}
    volume_class: {{ .Values.volumes.storageClass | quote }}
    {{- end }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "xizmat.settings" -}}
{{- $values := .root.Values }}
{{- $own := get (include "xizmat.settings-of-role" .root | fromYaml) .role | default dict }}
{{- $_ := set $own "bus" (dict
  "url" (include "xizmat.nats-url" .root)
  "role" .role
  "credentials_file" "/run/xizmat/keys/bus.creds"
  "key_file" "/run/xizmat/keys/bus.key"
  "trusted_keys_file" "/run/xizmat/trust/trusted-keys.json"
  "replicas" (int $values.nats.replicas)) }}
{{- if include "xizmat.nats-authority" .root }}{{ $_ := set $own.bus "ca_file" "/run/xizmat/trust/ca.crt" }}{{ end }}
{{- if .about.agencies }}
{{- $_ := set $own "agency_keys_dir" (include "xizmat.agencies-are-named" .root | eq "true" | ternary "/run/xizmat/agencies" "/var/lib/xizmat/agencies") }}
{{- end }}
{{- if ne .role "operator" }}
{{- $place := dict "file" (printf "/var/lib/xizmat/%s.sqlite" .role) }}
{{- if eq $values.database.kind "postgresql" }}
{{- $place = dict "url_file" "/run/xizmat/keys/database.url" "owner_url_file" "/run/xizmat/owner/database.url" }}
{{- end }}
{{- $_ := set $own "database" $place }}
{{- end }}
{{- $settings := dict "stage" $values.stage .role (mergeOverwrite $own (get $values.config .role | default dict | deepCopy)) }}
{{- with $values.recovery }}{{ $_ := set $settings "recovery" . }}{{ end }}
{{- if $values.sqlite.inProduction }}{{ $_ := set $settings "sqlite_in_production" true }}{{ end }}
{{- with $values.telemetry.otlpEndpoint }}{{ $_ := set $settings "telemetry" (dict "otlp_endpoint" .) }}{{ end }}
{{- /* Numbers of values are read as floats; the settings know whole ones only. */}}
{{- regexReplaceAll "(?m)(= -?[0-9]+)\\.0$" ($settings | toToml | trim) "${1}" }}
{{- end }}
