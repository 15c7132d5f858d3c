package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestDemoAnswersToItsOwnNames(t *testing.T) {
	h := ownNames("Demo.localhost", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	for host, want := range map[string]int{
		"localhost:8080": 200, "LOCALHOST": 200, "127.0.0.1:1": 200, "127.0.0.1": 200, "[::1]:8080": 200, "[::1]": 200, "demo.localhost": 200,
		"evil.example": 421, "evil.example:8080": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example": 421, "": 421, "localhost:80:80": 421, "192.168.1.5:8080": 421, "[::1]evil.example": 421,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/dev/mailbox", nil)
		r.Host = host
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != want {
			t.Errorf("Host %q: status %d, want %d", host, w.Code, want)
		}
	}
}

func TestDemoRefusesForeignHosts(t *testing.T) {
	t.Chdir(t.TempDir())
	p := launch(t, nil, "demo")
	for _, path := range []string{"/dev/mailbox", "/support/login", "/login", "/healthz", "/nowhere"} {
		p.With("Host", "evil.example").Get(path).Is(http.StatusMisdirectedRequest)
	}
	if strings.Contains(p.out.String(), "warning") {
		t.Errorf("a warning on the loopback: %s", p.out.String())
	}
}

func TestReachableListeners(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1:8080": false, "127.9.9.9:1": false, "localhost:8080": false, "[::1]:8080": false,
		":8080": true, "0.0.0.0:8080": true, "[::]:8080": true, "192.168.1.5:8080": true, "demo.example.org:8080": true,
	} {
		if got := reachable(addr); got != want {
			t.Errorf("%s: got %v, want %v", addr, got, want)
		}
	}
}
