{{- define "selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
{{- end -}}
{{- define "labels" -}}
{{ include "selector" . }}
app.kubernetes.io/name: {{ .Chart.Name }}
{{- end -}}
