{{- define "labels" -}}
app: sub
{{- end -}}
