{{- define "labels" -}}
app: other
{{- end -}}
