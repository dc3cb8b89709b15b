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
{{ .Values.nats.external | default (printf "nats://%s-nats:4222" (include "xizmat.name" .)) }}
{{- end }}
