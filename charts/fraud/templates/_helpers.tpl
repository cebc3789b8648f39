{{- /* Written by npm run charts; do not edit. */ -}}

{{/*
The chart's name, or what stands in for it.
*/}}
{{- define "fraud.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{/*
The name of the objects: the release's and the chart's, once when the one holds the other.
*/}}
{{- define "fraud.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains (include "fraud.name" .) .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "fraud.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/*
Labels by which objects find the pods. They never change: a Deployment's selector is immutable.
*/}}
{{- define "fraud.selectorLabels" -}}
app.kubernetes.io/name: {{ include "fraud.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{/*
Labels of every object, without those from values.
*/}}
{{- define "fraud.ownLabels" -}}
{{ include "fraud.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: kassa
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end }}

{{/*
Labels of every object.
*/}}
{{- define "fraud.labels" -}}
{{ include "fraud.ownLabels" . }}
{{- with .Values.commonLabels }}
{{- toYaml . | nindent 0 }}
{{- end }}
{{- end }}

{{/*
The identity of the pods.
*/}}
{{- define "fraud.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (include "fraud.fullname" .) }}
{{- end }}

{{/*
The image of the service fraud.
*/}}
{{- define "fraud.image" -}}
{{- printf "%s%s%s" (ternary (printf "%s/" .Values.image.registry) "" (ne .Values.image.registry "")) .Values.image.repository (ternary (printf "@%s" .Values.image.digest) (printf ":%s" (default .Chart.AppVersion .Values.image.tag)) (ne .Values.image.digest "")) }}
{{- end }}

{{/*
The image of the OpenTelemetry collector.
*/}}
{{- define "fraud.otelImage" -}}
{{- printf "%s%s%s" (ternary (printf "%s/" .Values.sidecars.otel.image.registry) "" (ne .Values.sidecars.otel.image.registry "")) .Values.sidecars.otel.image.repository (ternary (printf "@%s" .Values.sidecars.otel.image.digest) (printf ":%s" (default .Chart.AppVersion .Values.sidecars.otel.image.tag)) (ne .Values.sidecars.otel.image.digest "")) }}
{{- end }}

{{/*
The image of Prometheus.
*/}}
{{- define "fraud.prometheusImage" -}}
{{- printf "%s%s%s" (ternary (printf "%s/" .Values.sidecars.prometheus.image.registry) "" (ne .Values.sidecars.prometheus.image.registry "")) .Values.sidecars.prometheus.image.repository (ternary (printf "@%s" .Values.sidecars.prometheus.image.digest) (printf ":%s" (default .Chart.AppVersion .Values.sidecars.prometheus.image.tag)) (ne .Values.sidecars.prometheus.image.digest "")) }}
{{- end }}

{{/*
The Secret with the service's secrets.
*/}}
{{- define "fraud.secretName" -}}
{{- .Values.secrets.existingSecret | default (include "fraud.fullname" .) }}
{{- end }}
