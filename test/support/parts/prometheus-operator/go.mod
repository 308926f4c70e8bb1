// The Prometheus Operator with its CRDs (example/prometheus-operator-crd of the module), as one module that requires it.
module prometheus-operator

go 1.25.0

require github.com/prometheus-operator/prometheus-operator v0.85.0
