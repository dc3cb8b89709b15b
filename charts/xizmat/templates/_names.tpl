{{/* Names, labels and the roles of the platform. */}}

{{- define "xizmat.name" -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "xizmat.labels" -}}
app.kubernetes.io/name: xizmat
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* What selects the pods of one role: .root, .role */}}
{{- define "xizmat.selector" -}}
app.kubernetes.io/name: xizmat
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end }}

{{- define "xizmat.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/*
What the chart must know of a role besides its settings. edge: where its HTTP is mounted; volume: it keeps files beside its
database; single: two of it would do things twice; agencies: it has a key an agency; outside: it reaches parties outside the
cluster; account: it speaks to the API server.
*/}}
{{- define "xizmat.roles" -}}
exchange: {volume: true}
identity: {edge: /identity, outside: true}
register: {}
signing: {volume: true, agencies: true}
notifications: {single: true, agencies: true, outside: true}
payments: {edge: /callback, outside: true}
{{- if .Values.sharedHost.enabled }}
eservice: {agencies: true}
{{- end }}
docket: {}
portal: {edge: /}
operator: {account: true}
{{- end }}

{{/* Whether a role keeps a volume: .root, .role, .about */}}
{{- define "xizmat.has-volume" -}}
{{- if or .about.volume (and (eq .root.Values.database.kind "sqlite") (ne .role "operator")) }}true{{ end }}
{{- end }}

{{/* The Cluster of CloudNativePG that holds the databases; nothing where they are elsewhere. Its name has at most 50 letters. */}}
{{- define "xizmat.cluster" -}}
{{- if and (eq .Values.database.kind "postgresql") (.Values.postgresql.cloudNativePG | default dict).enabled }}{{ include "xizmat.name" . }}-postgres{{ end }}
{{- end }}

{{/* The way to PostgreSQL, for a NetworkPolicy. */}}
{{- define "xizmat.postgresql-egress" -}}
{{- if include "xizmat.cluster" . -}}
- to: [{podSelector: {matchLabels: {cnpg.io/cluster: {{ include "xizmat.cluster" . }}}}}]
  ports: [{protocol: TCP, port: 5432}]
{{- else -}}
- to: [{ipBlock: {cidr: {{ .Values.postgresql.cidr }}}}]
  ports: [{protocol: TCP, port: {{ .Values.postgresql.port }}}]
{{- end }}
{{- end }}

{{/*
Whether the hook makes a key an agency. Elsewhere, in a trial on SQLite, services make missing ones on their volumes. Which
one follows from what is fixed at the first start: another folder would leave every case unreadable.
*/}}
{{- define "xizmat.agencies-are-named" -}}
{{- if or (eq .Values.stage "production") (eq .Values.database.kind "postgresql") }}true{{ end }}
{{- end }}

{{/* Every process of ours: nobody's user, nothing to write to, no rights. */}}
{{- define "xizmat.pod-security" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "xizmat.container-security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "xizmat.pull-secrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Belongs to the cluster, so its name tells releases apart. */}}
{{- define "xizmat.webhook-configuration" -}}
{{ printf "%s-%s-operator" .Release.Namespace (include "xizmat.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* What the operator may do where hosts run. */}}
{{- define "xizmat.operator-hosts" -}}
{{ printf "%s-%s" .Release.Namespace (include "xizmat.name" .) | trunc 48 | trimSuffix "-" }}-operator-hosts
{{- end }}

{{/* ClusterRole of agencies' engineers: of the cluster, so named after the release. */}}
{{- define "xizmat.engineer-role" -}}
{{ printf "%s-%s-engineer" .Release.Namespace (include "xizmat.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "xizmat.nats-url" -}}
{{ .Values.nats.external | default (printf "%s://%s-nats:4222" (include "xizmat.nats-tls" . | eq "true" | ternary "tls" "nats") (include "xizmat.name" .)) }}
{{- end }}

{{/* Under which ports servers of somebody else are reached, for a NetworkPolicy. */}}
{{- define "xizmat.nats-external-ports" -}}
{{- $ports := list }}
{{- range splitList "," .Values.nats.external }}{{ $ports = append $ports ((urlParse (trim .)).host | splitList ":" | last | int | default 4222) }}{{ end }}
{{- $ports | uniq | toJson }}
{{- end }}

{{/* Whether the bus is encrypted; of servers of somebody else their address says so. */}}
{{- define "xizmat.nats-tls" -}}
{{- if or (hasPrefix "tls://" .Values.nats.external) (and (not .Values.nats.external) .Values.nats.tls.enabled) }}true{{ end }}
{{- end }}

{{/* Whether roles are told who signs the servers' certificate. */}}
{{- define "xizmat.nats-authority" -}}
{{- if and (include "xizmat.nats-tls" .) (or .Values.nats.tls.secret (not .Values.nats.external)) }}true{{ end }}
{{- end }}

{{/* Under which names the servers are reached: by everybody, by each other, through a port that is forwarded, from outside. */}}
{{- define "xizmat.nats-names" -}}
{{- $nats := printf "%s-nats" (include "xizmat.name" .) }}
{{- $names := list $nats (printf "%s.%s" $nats .Release.Namespace) (printf "%s.%s.svc" $nats .Release.Namespace) (printf "%s.%s.svc.cluster.local" $nats .Release.Namespace) "localhost" }}
{{- concat $names (include "xizmat.nats-nodes" . | fromJsonArray) .Values.nats.tls.names | uniq | toJson }}
{{- end }}

{{/* Names of the servers of a cluster; one alone has nobody to find. */}}
{{- define "xizmat.nats-nodes" -}}
{{- $nats := printf "%s-nats" (include "xizmat.name" .) }}
{{- $nodes := list }}
{{- if gt (int .Values.nats.replicas) 1 }}
{{- range $node := until (int .Values.nats.replicas) }}{{ $nodes = append $nodes (printf "%s-%d.%s-nodes" $nats $node $nats) }}{{ end }}
{{- end }}
{{- toJson $nodes }}
{{- end }}
