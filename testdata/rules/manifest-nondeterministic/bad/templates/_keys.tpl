{{- define "web.key" -}}
{{ genPrivateKey "ed25519" | b64enc | quote }}
{{- end }}
