package threats

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	manyRows = 50_000
	// spareMiB is how much memory an export may take in addition. All rows together
	// would take several times as much.
	spareMiB = 60
	// cutOff is the number of interrupted exports. All together would take far
	// longer than the program waits at its end.
	cutOff = 40
)

func TestExportIsStreamed(t *testing.T) {
	each(t, nil, func(s *service) {
		s.manyRows()
		m := s.member("vera", "viewer")
		before, err := s.program.Memory(s.Context())
		s.must(err)
		for name, lines := range map[string]int{"csv": manyRows + 1, "json": manyRows} {
			most := before
			got := m.lines("/support/resets."+name, func() {
				mib, err := s.program.Memory(s.Context())
				s.must(err)
				most = max(most, mib)
			})
			if got != lines || most > before+spareMiB {
				s.Errorf("%s: %d lines, want %d; memory grew from %.0f to %.0f MiB", name, got, lines, before, most)
			}
		}
	})
}

// manyRows adds rows in several statements.
func (s *service) manyRows() {
	s.Helper()
	for range manyRows / 1_000 {
		s.rows(1_000, time.Hour, "withheld, created_by_agent", `'no_account', '`+strings.Repeat("x", 400)+`'`)
	}
}

// lines reads an answer and counts its lines. It calls look from time to time.
func (b *browser) lines(path string, look func()) (n int) {
	b.Helper()
	body := b.stream(path)
	defer func() { _ = body.Close() }()
	for scanner := bufio.NewScanner(body); scanner.Scan(); {
		if n++; n%5_000 == 0 {
			look()
		}
	}
	return n
}

// stream returns the body of an answer without reading it.
func (b *browser) stream(path string) io.ReadCloser {
	b.Helper()
	res, err := b.Open(http.MethodGet, path, "")
	b.must(err)
	if res.StatusCode != http.StatusOK {
		b.Fatalf("%s: status %d", path, res.StatusCode)
	}
	return res.Body
}

// Browsers may be closed in the middle of a download. If their exports continued, the
// program would wait for them at its end.
func TestInterruptedExportStops(t *testing.T) {
	each(t, nil, func(s *service) {
		s.manyRows()
		m := s.member("vera", "viewer")
		// While another process fills the database, the program may rightly report that it is
		// locked. Only what is logged afterwards counts.
		filled := len(s.program.Log())
		for range cutOff {
			body := m.stream("/support/resets.csv")
			_, err := io.CopyN(io.Discard, body, 10_000)
			s.must(err)
			s.must(body.Close())
		}
		m.Get("/support").Is(http.StatusOK).Shows(".count", "More than 1,000 resets")
		if status := s.program.Stop(); status != 0 {
			s.Errorf("it ended with status %d\n%s", status, s.program.Log())
		}
		if log := s.program.Log()[filled:]; strings.Contains(log, `"ERROR"`) || strings.Contains(log, "panic") {
			s.Errorf("the log contains an error:\n%s", log)
		}
		s.is(fmt.Sprint(cutOff), `SELECT count(*) FROM reset_audit WHERE action = 'export'`)
	})
}

// day returns a day relative to today in the format of the form. The tests leave a
// margin, so they also pass at midnight.
func day(from int) string { return time.Now().UTC().AddDate(0, 0, from).Format(time.DateOnly) }

func TestExportIsTheSearch(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		s.ask(user)
		s.rows(60, time.Hour, "withheld", "'no_account'")
		s.rows(7, 30*24*time.Hour, "withheld", "'inactive'")
		m := s.member("vera", "viewer")
		for query, want := range map[string]int{
			"": 68, "?q=nobody": 67, "?only=resets&q=" + user: 1, "?status=inactive": 7, "?q=203.0.113.0/24&status=withheld": 67, "?since=" + day(-8): 61, "?until=" + day(-8): 7, "?q=nothing": 0,
		} {
			p := m.Get("/support" + query).Is(http.StatusOK)
			p.Shows(".count", fmt.Sprint(want)+" reset")
			csv, json := m.Get("/support/resets.csv"+query).Is(http.StatusOK), m.Get("/support/resets.json"+query).Is(http.StatusOK)
			if strings.Count(csv.Body, "\n") != want+1 || strings.Count(json.Body, "\n") != want {
				s.Errorf("%q: %d lines of CSV and %d of JSON, want %d rows", query, strings.Count(csv.Body, "\n"), strings.Count(json.Body, "\n"), want)
			}
		}
		p := m.Get("/support/resets.csv")
		if kind, as := p.Header.Get("Content-Type"), p.Header.Get("Content-Disposition"); kind != "text/csv; charset=utf-8" || as != `attachment; filename="resets.csv"` || p.Header.Get("Cache-Control") != "no-store" {
			s.Errorf("headers: %q, %q, %q", kind, as, p.Header.Get("Cache-Control"))
		}
		for _, wrong := range []string{"q=10.0.0.0/99", "status=x", "since=soon", "until=2031-02-30", "q=%ff"} {
			m.Get("/support/resets.csv?" + wrong).Is(http.StatusBadRequest)
		}
	})
}
