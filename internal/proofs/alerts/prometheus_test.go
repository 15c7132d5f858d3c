//go:build alerts

package alerts

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"resetd/internal/testkit/loopback"
	"resetd/internal/testkit/webtest"
)

const rulesFile = "../../../packaging/prometheus/resetd.rules.yml"

// hurried returns the rules with times that a test can wait for. Nothing else changes.
func hurried(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	short := regexp.MustCompile(`for: \d+m`).ReplaceAllString(string(text), "for: 1s")
	short = regexp.MustCompile(`\[\d+m\]`).ReplaceAllString(short, "[20s]")
	return strings.Replace(short, "oldest_seconds > 300", "oldest_seconds > 3", 1)
}

// prometheus is a Prometheus that reads one instance each second.
type prometheus struct {
	*testing.T
	url string
}

func startPrometheus(t *testing.T, target string) prometheus {
	t.Helper()
	dir := t.TempDir()
	addr, err := loopback.FreeAddr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	config := "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\nrule_files: [rules.yml]\n" +
		"scrape_configs: [{job_name: resetd, static_configs: [{targets: ['" + target + "']}]}]\n"
	for name, text := range map[string]string{"rules.yml": hurried(t), "prometheus.yml": config} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("prometheus", "--config.file="+dir+"/prometheus.yml", "--storage.tsdb.path="+dir+"/data", "--web.listen-address="+addr, "--log.level=error")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Signal(syscall.SIGTERM); _ = cmd.Wait() })
	return prometheus{t, "http://" + addr}
}

// firing returns the names of the alerts that fire.
func (p prometheus) firing() map[string]bool {
	p.Helper()
	names := map[string]bool{}
	res, err := http.Get(p.url + "/api/v1/alerts")
	if err != nil {
		return names // it is starting
	}
	defer func() { _ = res.Body.Close() }()
	var answer struct {
		Data struct {
			Alerts []struct {
				Labels struct {
					Name string `json:"alertname"`
				} `json:"labels"`
				State string `json:"state"`
			} `json:"alerts"`
		} `json:"data"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return names
	}
	for _, a := range answer.Data.Alerts {
		names[a.Labels.Name] = a.State == "firing"
	}
	return names
}

// fires waits until an alert fires, and does something meanwhile.
func (p prometheus) fires(name string, meanwhile func()) {
	p.Helper()
	p.until(fmt.Sprintf("%s fires", name), meanwhile, func() bool { return p.firing()[name] })
}

// quiet waits until no alert fires.
func (p prometheus) quiet() {
	p.Helper()
	p.until("no alert fires", func() {}, func() bool {
		for _, fires := range p.firing() {
			if fires {
				return false
			}
		}
		return true
	})
}

func (p prometheus) until(what string, meanwhile func(), done func() bool) {
	p.Helper()
	for began := time.Now(); !done(); time.Sleep(200 * time.Millisecond) {
		if time.Since(began) > 2*time.Minute {
			p.Fatalf("timeout: %s; firing: %v", what, p.firing())
		}
		meanwhile()
	}
}

// Each query of the dashboard is valid, and has data while the service works. The data
// have the labels that the legend shows.
func TestDashboardQueriesHaveData(t *testing.T) {
	s := newService(t)
	p := startPrometheus(t, s.metrics)
	s.link()
	text, err := os.ReadFile("../../../packaging/grafana/resetd.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string `json:"title"`
			Targets []struct {
				Expr   string `json:"expr"`
				Legend string `json:"legendFormat"`
			} `json:"targets"`
		} `json:"panels"`
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	if len(dashboard.Panels) == 0 {
		t.Fatal("no panels")
	}
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			expr := strings.ReplaceAll(target.Expr, "$__rate_interval", "20s")
			p.until(panel.Title+": "+expr, func() { webtest.New(t, s.URL).Use(s.link(), "an otter in the attic") }, func() bool { return p.hasData(expr) })
			for _, label := range regexp.MustCompile(`{{(\w+)}}`).FindAllStringSubmatch(target.Legend, -1) {
				for _, one := range p.series(expr) {
					if one.Metric[label[1]] == "" {
						t.Errorf("%s: %s: no label %s", panel.Title, expr, label[1])
					}
				}
			}
		}
	}
}

func (p prometheus) hasData(expr string) bool { return len(p.series(expr)) > 0 }

type series struct {
	Metric map[string]string `json:"metric"`
}

func (p prometheus) series(expr string) []series {
	req, err := http.NewRequest(http.MethodGet, p.url+"/api/v1/query", nil)
	if err != nil {
		p.Fatal(err)
	}
	query := req.URL.Query()
	query.Set("query", expr)
	req.URL.RawQuery = query.Encode()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil
	}
	defer func() { _ = res.Body.Close() }()
	var answer struct {
		Error string `json:"error"`
		Data  struct {
			Result []series `json:"result"`
		} `json:"data"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return nil
	}
	if answer.Error != "" {
		p.Fatalf("%s: %s", expr, answer.Error)
	}
	return answer.Data.Result
}
