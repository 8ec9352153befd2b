{{- define "common.name" -}}
{{ .Release.Name | trunc 63 }
{{- end -}}
