package metrics

import (
	"context"
	"database/sql"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"resetd/internal/reset"
)

const (
	// queueTimeout is how long a reading waits for the database.
	queueTimeout = 2 * time.Second
	// readers is how many may read at the same time.
	readers = 2
)

// Sources are asked when the metrics are read.
type Sources struct {
	Ready      func() bool
	MailServer func() bool // it accepted the last connection
	Hashes     func() (waiting, most int)
	Writers    func() (waiting int)
	Queue      func(context.Context, time.Time) (reset.Waiting, error)
	Databases  map[string]func() sql.DBStats
	Now        func() time.Time
}

// state publishes the present state of the service.
type state struct{ sources atomic.Pointer[Sources] }

// Watch replaces the sources, at the start and after a reload.
func (m *Metrics) Watch(s Sources) { m.state.sources.Store(&s) }

// Handler answers with the metrics.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: readers, Registry: m.registry}))
	return mux
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
}

var (
	ready          = describe("ready", "1 if /readyz answers ok.")
	mailServer     = describe("mail_server_up", "0 since the mail server could not be used for any email.")
	hashesWaiting  = describe("hashes_waiting", "Passwords that wait for a hash.")
	hashesMost     = describe("hashes_waiting_limit", "Passwords that may wait for a hash.")
	writersWaiting = describe("requests_waiting", "Requests that wait to be written.")
	queueRead      = describe("queue_read", "1 if the email queue could be read; the other metrics of the queue are missing otherwise.")
	queueDue       = describe("queue_due", "Emails and requests that are due and that no worker holds.")
	queueOpen      = describe("queue_unsettled", "Emails and requests that are not settled: due, being sent, or waiting for another attempt.")
	queueOldest    = describe("queue_oldest_seconds", "Age of the oldest one that is not settled.")
	claimsLeft     = describe("claims_unsettled", "Interrupted changes of a password in the accounts' database whose outcome is not known yet.")
	connections    = describe("database_connections", "Connections by state.", "database", "state")
	connectionsMax = describe("database_connections_limit", "Most connections.", "database")
	poolWaits      = describe("database_connection_waits_total", "Statements that waited for a connection.", "database")
	poolSeconds    = describe("database_connection_wait_seconds_total", "How long they waited.", "database")
)

// Describe implements prometheus.Collector.
func (s *state) Describe(descs chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		ready, mailServer, hashesWaiting, hashesMost, writersWaiting, queueRead, queueDue, queueOpen, queueOldest, claimsLeft,
		connections, connectionsMax, poolWaits, poolSeconds,
	} {
		descs <- d
	}
}

// Collect implements prometheus.Collector.
func (s *state) Collect(metrics chan<- prometheus.Metric) {
	from := s.sources.Load()
	if from == nil {
		return
	}
	set := func(d *prometheus.Desc, value float64, labels ...string) {
		metrics <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	waiting, most := from.Hashes()
	set(ready, number(from.Ready()))
	set(mailServer, number(from.MailServer()))
	set(hashesWaiting, float64(waiting))
	set(hashesMost, float64(most))
	set(writersWaiting, float64(from.Writers()))
	from.collectQueue(set)
	for name, stats := range from.Databases {
		collectPool(metrics, set, name, stats())
	}
}

func number(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func (from *Sources) collectQueue(set func(*prometheus.Desc, float64, ...string)) {
	ctx, cancel := context.WithTimeout(context.Background(), queueTimeout)
	defer cancel()
	now := from.Now().UTC()
	w, err := from.Queue(ctx, now)
	set(queueRead, number(err == nil))
	if err != nil {
		return
	}
	oldest := 0.0
	if !w.Oldest.IsZero() {
		oldest = now.Sub(w.Oldest).Seconds()
	}
	set(queueDue, float64(w.Due))
	set(queueOpen, float64(w.Unsettled))
	set(queueOldest, max(0, oldest))
	set(claimsLeft, float64(w.Claims))
}

func collectPool(metrics chan<- prometheus.Metric, set func(*prometheus.Desc, float64, ...string), name string, s sql.DBStats) {
	set(connections, float64(s.InUse), name, "in_use")
	set(connections, float64(s.Idle), name, "idle")
	set(connectionsMax, float64(s.MaxOpenConnections), name)
	metrics <- prometheus.MustNewConstMetric(poolWaits, prometheus.CounterValue, float64(s.WaitCount), name)
	metrics <- prometheus.MustNewConstMetric(poolSeconds, prometheus.CounterValue, s.WaitDuration.Seconds(), name)
}
