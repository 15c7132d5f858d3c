// Package metrics counts what the service does, and publishes the sums for Prometheus.
//
// Every label has a fixed set of values: routes, kinds, outcomes. None is an address, a
// link, an account or a path, so the page of metrics tells nothing about a person. What
// is counted here belongs to this process and begins at zero when it starts. What
// concerns the database, such as the email queue, is asked for when Prometheus reads it.
package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// Metrics are the sums of one process. They outlive a reload of the settings.
type Metrics struct {
	registry *prometheus.Registry
	make     promauto.Factory
	state    *state

	requests       *prometheus.CounterVec
	requestSeconds *prometheus.HistogramVec
	unidentified   prometheus.Counter
	resets         *prometheus.CounterVec
	mails          *prometheus.CounterVec
	replies        *prometheus.CounterVec
	replySeconds   prometheus.Histogram
	hashSeconds    prometheus.Histogram
	hashesRefused  prometheus.Counter
	limits         *prometheus.CounterVec
	locks          *prometheus.CounterVec
	batches        *prometheus.HistogramVec
	batchSeconds   *prometheus.HistogramVec
	database       *prometheus.HistogramVec
	databaseErrors *prometheus.CounterVec
}

// Build describes the program.
type Build struct{ Version, Commit, Go string }

// New returns metrics with a registry of their own.
func New(b Build) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), state: &state{}}
	m.make = promauto.With(m.registry)
	m.makeRequests()
	m.makeMails()
	m.makeParts()
	build := prometheus.Labels{"version": b.Version, "commit": b.Commit, "go": b.Go}
	m.make.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: "build_info", Help: "1, with the version of the program.", ConstLabels: build}).Set(1)
	m.registry.MustRegister(m.state, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *Metrics) makeRequests() {
	m.requests = m.counter("http_requests_total", "Requests by route.", "route", "method", "status")
	m.requestSeconds = m.histogram("http_request_seconds", "Time of requests by route.", times(0.001, 15), "route")
	m.unidentified = m.counter("visitors_unidentified_total", "Requests whose proxy did not tell who the visitor is: its header is missing or unreadable, or has only trusted addresses.").WithLabelValues()
	m.resets = m.counter("resets_total", "What became of resets: requested, matched or withheld, opened, used or refused.", "outcome")
	for _, outcome := range outcomes {
		m.resets.WithLabelValues(outcome)
	}
	m.limits = m.counter("limits_reached_total", "Requests that a limit refused or, if it is the limit for an address, throttled.", "limit")
	m.locks = m.counter("sign_in_locks_total", "Locks that failed sign-ins caused.", "scope")
}

func (m *Metrics) makeMails() {
	m.mails = m.counter("mails_total", "Attempts to send an email, by its kind and the outcome.", "kind", "outcome")
	m.replies = m.counter("mail_server_replies_total", "Replies of the mail server by class, and the stage of the session; none: it did not reply.", "class", "stage")
	m.replySeconds = m.make.NewHistogram(seconds("mail_seconds", "Time from the first command of an email to the last reply.", times(0.005, 600)))
}

func (m *Metrics) makeParts() {
	m.hashSeconds = m.make.NewHistogram(seconds("hash_seconds", "Time from the arrival of a password until its hash is computed.", times(0.005, 15)))
	m.hashesRefused = m.counter("hashes_refused_total", "Passwords that were refused because too many were waiting.").WithLabelValues()
	m.batches = m.histogram("batch_rows", "Requests that were written at once.", []float64{1, 2, 4, 8, 16, 32, 64}, "writer")
	m.batchSeconds = m.histogram("batch_seconds", "Time to write a batch.", times(0.0005, 10), "writer")
	m.database = m.histogram("database_seconds", "Time of statements and commits.", times(0.0002, 15), "database", "operation")
	m.databaseErrors = m.counter("database_errors_total", "Statements that failed because the database did not answer or was not writable.", "database")
	for _, name := range []string{Record, Accounts} {
		m.databaseErrors.WithLabelValues(name)
	}
}

func (m *Metrics) counter(name, help string, labels ...string) *prometheus.CounterVec {
	return m.make.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

func (m *Metrics) histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return m.make.NewHistogramVec(seconds(name, help, buckets), labels)
}

func seconds(name, help string, buckets []float64) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets}
}

const namespace = "resetd"

// times returns the bounds of a histogram of seconds, each three times the one before
// it.
func times(least, most float64) (bounds []float64) {
	for bound := least; bound < most; bound *= 3 {
		bounds = append(bounds, bound)
	}
	return append(bounds, most)
}

func since(began time.Time) float64 { return time.Since(began).Seconds() }
