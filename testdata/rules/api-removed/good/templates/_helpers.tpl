{{- define "web.budgets" -}}
{{- if .Capabilities.APIVersions.Has "policy/v1/PodDisruptionBudget" -}}
policy/v1
{{- else -}}
policy/v1beta1
{{- end -}}
{{- end -}}

{{- define "web.isStable" -}}
{{- if .Capabilities.APIVersions.Has "batch/v1/CronJob" }}true{{ end -}}
{{- end -}}
