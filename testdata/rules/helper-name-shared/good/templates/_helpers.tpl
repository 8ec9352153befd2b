{{- define "labels" -}}
app: web
{{- end -}}
{{- define "sub.labels" -}}
app: web
{{- end -}}
