{{- define "labels" -}}
app: web
{{- end -}}
