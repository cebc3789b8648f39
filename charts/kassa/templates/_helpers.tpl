{{- /* Written by npm run charts; do not edit. */ -}}

{{/*
The chart's name, or what stands in for it.
*/}}
{{- define "kassa.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{/*
The name of the objects: the release's and the chart's, once when the one holds the other.
*/}}
{{- define "kassa.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains (include "kassa.name" .) .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "kassa.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/*
Labels by which objects find the pods. They never change: a Deployment's selector is immutable.
*/}}
{{- define "kassa.selectorLabels" -}}
app.kubernetes.io/name: {{ include "kassa.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{/*
Labels of every object, without those from values.
*/}}
{{- define "kassa.ownLabels" -}}
{{ include "kassa.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: kassa
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end }}

{{/*
Labels of every object.
*/}}
{{- define "kassa.labels" -}}
{{ include "kassa.ownLabels" . }}
{{- with .Values.commonLabels }}
{{- toYaml . | nindent 0 }}
{{- end }}
{{- end }}

{{/*
The image of the command kassa.
*/}}
{{- define "kassa.image" -}}
{{- printf "%s%s%s" (ternary (printf "%s/" .Values.cli.image.registry) "" (ne .Values.cli.image.registry "")) .Values.cli.image.repository (ternary (printf "@%s" .Values.cli.image.digest) (printf ":%s" (default .Chart.AppVersion .Values.cli.image.tag)) (ne .Values.cli.image.digest "")) }}
{{- end }}
