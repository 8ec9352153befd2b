{{- define "agents.image" -}}
{{- $root := .root.Values.image -}}
{{- $own := .image | default dict -}}
{{- $tag := $own.tag | default $root.tag | default .root.Chart.AppVersion -}}
{{- $digest := $own.digest -}}
{{- if not $own.tag }}{{ $digest = $digest | default $root.digest }}{{ end -}}
{{ $own.repository | default $root.repository }}:{{ $tag }}{{ with $digest }}@{{ . }}{{ end }}
{{- end -}}

{{- define "agents.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
