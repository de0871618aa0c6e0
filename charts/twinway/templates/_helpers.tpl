{{- define "twinway.labels" -}}
app.kubernetes.io/name: twinway
app.kubernetes.io/component: operator
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- /* Gateways let exactly the pods with these labels configure them. */}}
{{- define "twinway.selector" -}}
app.kubernetes.io/name: twinway
app.kubernetes.io/component: operator
{{- end }}

{{- define "twinway.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}
{{- else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end }}
{{- end }}
{{- end }}

{{- define "twinway.serviceAccount" -}}
{{ .Values.serviceAccount.name | default "twinway-operator" }}
{{- end }}

{{- /* "true", or nothing. */}}
{{- define "twinway.metrics" -}}
{{- if or (eq .Values.metrics.mode "Enabled") (and (eq .Values.metrics.mode "Auto") (not .Values.watchNamespaces)) }}true{{ end }}
{{- end }}

{{- /* Several releases may each serve namespaces of their own, so what they have
in the cluster as a whole is named after their namespace. */}}
{{- define "twinway.metricsRole" -}}
twinway-operator-metrics-auth{{ if .Values.watchNamespaces }}-{{ .Release.Namespace }}{{ end }}
{{- end }}

{{- define "twinway.subjects" -}}
- kind: ServiceAccount
  name: {{ include "twinway.serviceAccount" . }}
  namespace: {{ .Release.Namespace }}
{{- end }}
