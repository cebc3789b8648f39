{{- /* Written by npm run charts; do not edit. */ -}}

{{/*
The chart's name, or what stands in for it.
*/}}
{{- define "kassa-backing.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{/*
The name of the objects: the release's and the chart's, once when the one holds the other.
*/}}
{{- define "kassa-backing.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains (include "kassa-backing.name" .) .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "kassa-backing.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/*
Labels by which objects find the pods. They never change: a Deployment's selector is immutable.
*/}}
{{- define "kassa-backing.selectorLabels" -}}
app.kubernetes.io/name: {{ include "kassa-backing.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{/*
Labels of every object, without those from values.
*/}}
{{- define "kassa-backing.ownLabels" -}}
{{ include "kassa-backing.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: kassa
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end }}

{{/*
Labels of every object.
*/}}
{{- define "kassa-backing.labels" -}}
{{ include "kassa-backing.ownLabels" . }}
{{- with .Values.commonLabels }}
{{- toYaml . | nindent 0 }}
{{- end }}
{{- end }}

{{/*
The image of postgres.
*/}}
{{- define "kassa-backing.postgresImage" -}}
{{- printf "%s%s%s" (ternary (printf "%s/" .Values.postgres.image.registry) "" (ne .Values.postgres.image.registry "")) .Values.postgres.image.repository (ternary (printf "@%s" .Values.postgres.image.digest) (printf ":%s" (default .Chart.AppVersion .Values.postgres.image.tag)) (ne .Values.postgres.image.digest "")) }}
{{- end }}

{{/*
The image of redis.
*/}}
{{- define "kassa-backing.redisImage" -}}
{{- printf "%s%s%s" (ternary (printf "%s/" .Values.redis.image.registry) "" (ne .Values.redis.image.registry "")) .Values.redis.image.repository (ternary (printf "@%s" .Values.redis.image.digest) (printf ":%s" (default .Chart.AppVersion .Values.redis.image.tag)) (ne .Values.redis.image.digest "")) }}
{{- end }}

{{/*
The image of kafka.
*/}}
{{- define "kassa-backing.kafkaImage" -}}
{{- printf "%s%s%s" (ternary (printf "%s/" .Values.kafka.image.registry) "" (ne .Values.kafka.image.registry "")) .Values.kafka.image.repository (ternary (printf "@%s" .Values.kafka.image.digest) (printf ":%s" (default .Chart.AppVersion .Values.kafka.image.tag)) (ne .Values.kafka.image.digest "")) }}
{{- end }}

{{/*
The image of prometheus.
*/}}
{{- define "kassa-backing.prometheusImage" -}}
{{- printf "%s%s%s" (ternary (printf "%s/" .Values.prometheus.image.registry) "" (ne .Values.prometheus.image.registry "")) .Values.prometheus.image.repository (ternary (printf "@%s" .Values.prometheus.image.digest) (printf ":%s" (default .Chart.AppVersion .Values.prometheus.image.tag)) (ne .Values.prometheus.image.digest "")) }}
{{- end }}

{{/*
The image of jaeger.
*/}}
{{- define "kassa-backing.jaegerImage" -}}
{{- printf "%s%s%s" (ternary (printf "%s/" .Values.jaeger.image.registry) "" (ne .Values.jaeger.image.registry "")) .Values.jaeger.image.repository (ternary (printf "@%s" .Values.jaeger.image.digest) (printf ":%s" (default .Chart.AppVersion .Values.jaeger.image.tag)) (ne .Values.jaeger.image.digest "")) }}
{{- end }}

{{/*
The image of grafana.
*/}}
{{- define "kassa-backing.grafanaImage" -}}
{{- printf "%s%s%s" (ternary (printf "%s/" .Values.grafana.image.registry) "" (ne .Values.grafana.image.registry "")) .Values.grafana.image.repository (ternary (printf "@%s" .Values.grafana.image.digest) (printf ":%s" (default .Chart.AppVersion .Values.grafana.image.tag)) (ne .Values.grafana.image.digest "")) }}
{{- end }}
