{{/* labels */}}
