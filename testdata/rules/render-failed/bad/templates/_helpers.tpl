{{- define "web.host" -}}
{{ .Values.ingres.host }}
{{- end -}}
