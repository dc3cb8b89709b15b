{{/* Everything one role runs with: .root, .role, .about. Each is the same object for every role. */}}

{{- define "xizmat.workload" -}}
{{- $root := .root }}
{{- $values := .root.Values }}
{{- $name := printf "%s-%s" (include "xizmat.name" .root) .role }}
{{- $how := mergeOverwrite (deepCopy $values.defaults) (get $values.roles .role | default dict | deepCopy) }}
{{- $volume := include "xizmat.has-volume" . | eq "true" }}
{{- $single := or $volume (.about.single | default false) }}
{{- $replicas := $single | ternary 1 $how.replicas }}
{{- $settings := include "xizmat.settings" . }}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ $name }}
  labels: {{- include "xizmat.workload-labels" . | nindent 4 }}
data:
  settings.toml: | {{- $settings | nindent 4 }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ $name }}
  labels: {{- include "xizmat.workload-labels" . | nindent 4 }}
automountServiceAccountToken: false
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  labels: {{- include "xizmat.workload-labels" . | nindent 4 }}
spec:
  selector: {{- include "xizmat.selector" . | nindent 4 }}
  ports:
    {{- if .about.edge }}
    - {name: http, port: 8080, targetPort: http, appProtocol: http}
    {{- end }}
    - {name: health, port: 8081, targetPort: health, appProtocol: http}
    {{- if and (eq .role "notifications") $values.bounces.domain }}
    - {name: bounces, port: 2525, targetPort: bounces}
    {{- end }}
{{- if $volume }}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ $name }}
  labels: {{- include "xizmat.workload-labels" . | nindent 4 }}
  annotations: {helm.sh/resource-policy: keep}
spec:
  accessModes: [ReadWriteOnce]
  {{- if not (kindIs "invalid" $values.volumes.storageClass) }}
  storageClassName: {{ $values.volumes.storageClass | quote }}
  {{- end }}
  resources: {requests: {storage: {{ $values.volumes.size }}}}
{{- end }}
{{- if gt (int $replicas) 1 }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ $name }}
  labels: {{- include "xizmat.workload-labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{- include "xizmat.selector" . | nindent 6 }}
{{- end }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  labels: {{- include "xizmat.workload-labels" . | nindent 4 }}
spec:
  replicas: {{ $replicas }}
  revisionHistoryLimit: 3
  # Where there may be one only, the old one goes before the new one comes.
  strategy: {{ $single | ternary "{type: Recreate}" "{type: RollingUpdate, rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}" }}
  selector:
    matchLabels: {{- include "xizmat.selector" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "xizmat.workload-labels" . | nindent 8 }}
      annotations:
        # Settings are read at the start.
        checksum/settings: {{ $settings | sha256sum }}
    spec: {{- include "xizmat.pod" (merge (dict "name" $name "how" $how "volume" $volume) .) | nindent 6 }}
{{- end }}

{{- define "xizmat.workload-labels" -}}
{{ include "xizmat.labels" .root }}
app.kubernetes.io/component: {{ .role }}
{{- end }}

{{- define "xizmat.pod" -}}
{{- $values := .root.Values }}
{{- $short := include "xizmat.name" .root }}
{{- $postgresql := and (eq $values.database.kind "postgresql") (ne .role "operator") }}
{{- $agencies := and .about.agencies (include "xizmat.agencies-are-named" .root) }}
{{- $makes := and (eq .role "operator") (not $values.sharedHost.enabled) (eq $values.database.kind "postgresql") (not (include "xizmat.cluster" .root)) }}
{{- $webhook := and (eq .role "operator") $values.webhook.enabled }}
{{- $authority := and (eq .role "signing") $values.signing.authoritySecret -}}
serviceAccountName: {{ .name }}
automountServiceAccountToken: {{ .about.account | default false }}
enableServiceLinks: false
terminationGracePeriodSeconds: 30
{{- include "xizmat.pull-secrets" .root }}
securityContext: {{- include "xizmat.pod-security" . | nindent 2 }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "xizmat.selector" . | nindent 8 }}
{{- with .how.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .how.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- if $authority }}
initContainers:
  # What `xizmat ca init` made is placed once; the keys of agencies' seals are made beside it.
  - name: authority
    image: {{ include "xizmat.image" .root }}
    imagePullPolicy: {{ $values.image.pullPolicy }}
    args: [ca, place, --from, /run/xizmat/authority, --folder, /var/lib/xizmat/ca]
    securityContext: {{- include "xizmat.container-security" . | nindent 6 }}
    resources: {{- toYaml .how.resources | nindent 6 }}
    volumeMounts:
      - {name: authority, mountPath: /run/xizmat/authority, readOnly: true}
      - {name: data, mountPath: /var/lib/xizmat}
{{- end }}
containers:
  - name: {{ .role }}
    image: {{ include "xizmat.image" .root }}
    imagePullPolicy: {{ $values.image.pullPolicy }}
    {{- if eq .role "operator" }}
    args: [operator, --config, /etc/xizmat/settings.toml, --health, "0.0.0.0:8081"]
    {{- else }}
    args: [serve, {{ .role }}, --config, /etc/xizmat/settings.toml, --listen, "0.0.0.0:8080", --health, "0.0.0.0:8081"]
    {{- end }}
    securityContext: {{- include "xizmat.container-security" . | nindent 6 }}
    resources: {{- toYaml .how.resources | nindent 6 }}
    ports:
      {{- if .about.edge }}
      - {name: http, containerPort: 8080}
      {{- end }}
      - {name: health, containerPort: 8081}
      {{- if and (eq .role "notifications") $values.bounces.domain }}
      - {name: bounces, containerPort: 2525}
      {{- end }}
      {{- if $webhook }}
      - {name: webhook, containerPort: 9443}
      {{- end }}
    # Alive from the first moment, also while it waits for the bus; ready when it is on it.
    livenessProbe: {httpGet: {path: /livez, port: health}, initialDelaySeconds: 5, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6}
    readinessProbe: {httpGet: {path: /readyz, port: health}, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 3}
    {{- if or .about.edge $webhook }}
    # Nobody sends it new requests by the time it stops listening.
    lifecycle: {preStop: {sleep: {seconds: 3}}}
    {{- end }}
    volumeMounts:
      - {name: settings, mountPath: /etc/xizmat, readOnly: true}
      - {name: keys, mountPath: /run/xizmat/keys, readOnly: true}
      - {name: trust, mountPath: /run/xizmat/trust, readOnly: true}
      {{- if $postgresql }}
      - {name: owner, mountPath: /run/xizmat/owner, readOnly: true}
      {{- end }}
      {{- if $makes }}
      - {name: administrator, mountPath: /run/xizmat/administrator, readOnly: true}
      {{- end }}
      {{- if and $webhook $values.webhook.certManager.enabled }}
      - {name: webhook, mountPath: /run/xizmat/webhook, readOnly: true}
      {{- end }}
      {{- if $agencies }}
      - {name: agencies, mountPath: /run/xizmat/agencies, readOnly: true}
      {{- end }}
      {{- if .volume }}
      - {name: data, mountPath: /var/lib/xizmat}
      {{- end }}
      {{- range .how.secrets }}
      - {name: secret-{{ . }}, mountPath: /run/secrets/{{ . }}, readOnly: true}
      {{- end }}
      - {name: scratch, mountPath: /tmp}
volumes:
  - {name: settings, configMap: {name: {{ .name }}}}
  - name: keys
    secret: {secretName: {{ .name }}, defaultMode: 0440 {{- if eq .role "exchange" }}, items: {{ include "xizmat.exchange-keys" . }}{{ end }}}
  {{- if and (include "xizmat.nats-authority" .root) $values.nats.tls.secret }}
  - name: trust
    projected:
      sources:
        - configMap: {name: {{ $short }}-trusted-keys}
        - secret: {name: {{ $values.nats.tls.secret }}, items: [{key: ca.crt, path: ca.crt}]}
  {{- else }}
  - {name: trust, configMap: {name: {{ $short }}-trusted-keys}}
  {{- end }}
  {{- if $postgresql }}
  - {name: owner, secret: {secretName: {{ .name }}-owner, defaultMode: 0440}}
  {{- end }}
  {{- if $makes }}
  # It makes a database an agency.
  - name: administrator
    secret: {secretName: {{ $values.postgresql.administratorSecret.name }}, items: [{key: {{ $values.postgresql.administratorSecret.key }}, path: url}], defaultMode: 0440}
  {{- end }}
  {{- if and $webhook $values.webhook.certManager.enabled }}
  - {name: webhook, secret: {secretName: {{ $short }}-webhook, defaultMode: 0440}}
  {{- end }}
  {{- if $agencies }}
  - {name: agencies, secret: {secretName: {{ .name }}-agencies, defaultMode: 0440}}
  {{- end }}
  {{- if $authority }}
  - name: authority
    secret: {secretName: {{ $authority }}, defaultMode: 0440}
  {{- end }}
  {{- if .volume }}
  - {name: data, persistentVolumeClaim: {claimName: {{ .name }}}}
  {{- end }}
  {{- range .how.secrets }}
  - {name: secret-{{ . }}, secret: {secretName: {{ . }}, defaultMode: 0440}}
  {{- end }}
  - {name: scratch, emptyDir: {medium: Memory, sizeLimit: 64Mi}}
{{- end }}

{{/* The exchange reads the bus's keys as the folder in which they were made. */}}
{{- define "xizmat.exchange-keys" -}}
{{- $files := list "bus.creds" "bus.key" "data.key" "operator.nk" "accounts/system.nk" "accounts/system.signing.nk" "accounts/platform.nk" "accounts/platform.signing.nk" "users/exchange-system.creds" }}
{{- if eq .root.Values.database.kind "postgresql" }}{{ $files = append $files "database.url" }}{{ end }}
{{- $items := list }}
{{- range $files }}{{ $items = append $items (dict "key" (replace "/" "_" .) "path" .) }}{{ end }}
{{- toJson $items }}
{{- end }}
