// Package alerts makes each alert rule of the package fire: a real Prometheus reads the
// metrics of the built program while something is wrong with it. The rules are those of
// packaging/, with shorter times. It needs Debian's Prometheus, so it has a separate build
// tag and a separate target: make test-alerts.
package alerts
