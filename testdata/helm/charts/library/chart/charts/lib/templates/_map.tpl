{{ define "lib.map" }}kind: ConfigMap
name: {{ .Chart.Name }}
word: {{ .Values.lib.word }}
{{ end }}