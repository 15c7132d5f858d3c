package breach_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"resetd/internal/breach"
	"resetd/internal/reset"
)

func hash(plain string) string {
	return fmt.Sprintf("%X", sha1.Sum([]byte(plain)))
}

// serve answers each request with f, and returns a checker that asks this server.
func serve(t *testing.T, failClosed bool, f http.HandlerFunc) *breach.Checker {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	c, err := breach.New(server.URL+"/range/", failClosed)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestServiceGetsOnlyTheBeginningOfTheHash(t *testing.T) {
	whole := hash("password")
	var asked []string
	c := serve(t, true, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.String()+" "+r.Header.Get("Add-Padding"))
		_, _ = fmt.Fprintf(w, "%s:0\r\n%s:3\r\n%s:12", strings.Repeat("0", 35), strings.Repeat("1", 35), whole[5:])
	})
	if found, err := c.Contains(t.Context(), "password"); !found || err != nil {
		t.Errorf("got %t %v, want found", found, err)
	}
	if want := "GET /range/" + whole[:5] + " true"; len(asked) != 1 || asked[0] != want {
		t.Errorf("got %q, want %q", asked, want)
	}
	if found, err := c.Contains(t.Context(), "xylophone of 9 tigers"); found || err != nil {
		t.Errorf("got %t %v, want not found", found, err)
	}
}

func TestAnswersOfServices(t *testing.T) {
	rest := hash("password")[5:]
	for name, c := range map[string]struct {
		answer string
		found  bool
	}{
		"found":           {rest + ":9\r\n", true},
		"LF":              {strings.Repeat("A", 35) + ":1\n" + rest + ":9\n", true},
		"lower case":      {strings.ToLower(rest) + ":9", true},
		"not found":       {strings.Repeat("A", 35) + ":1\r\n", false},
		"padded":          {rest + ":0\r\n" + strings.Repeat("A", 35) + ":0\r\n", false},
		"padded, and not": {rest + ":0\r\n" + rest + ":2\r\n", true},
		"nothing":         {"", false},
	} {
		checker := serve(t, true, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(c.answer)) })
		if found, err := checker.Contains(t.Context(), "password"); found != c.found || err != nil {
			t.Errorf("%s: got %t %v, want %t", name, found, err, c.found)
		}
	}
}

// failures are answers that tell nothing about a password.
func failures(t *testing.T) map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"an error":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"not found": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
		"too many":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) },
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		},
		"a sign-in": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<html>Welcome to this network</html>"))
		},
		"whole hashes": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(hash("password") + ":3\r\n")) },
		"without end": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(bytes.Repeat([]byte(strings.Repeat("A", 35)+":1\n"), 40_000))
		},
		"cut off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte(""))
		},
		"other bytes":     func(w http.ResponseWriter, r *http.Request) { hijack(t, w, "GET "+r.URL.Path) },
		"closes at once":  func(w http.ResponseWriter, _ *http.Request) { hijack(t, w, "") },
		"does not answer": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	}
}

func hijack(t *testing.T, w http.ResponseWriter, answer string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_, _ = conn.Write([]byte(answer + "\r\n\r\n"))
	_ = conn.Close()
}

func TestFailingServiceRefusesOrAcceptsAsSet(t *testing.T) {
	secrets := []string{"password", hash("password")[:5], hash("password")[5:]}
	for name, answer := range failures(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			closed := serve(t, true, answer)
			found, err := closed.Contains(t.Context(), "password")
			if found || !errors.Is(err, reset.ErrUnchecked) {
				t.Errorf("fail closed: got %t %v, want %v", found, err, reset.ErrUnchecked)
			}
			var log bytes.Buffer
			open := serve(t, false, answer)
			open.Log = slog.New(slog.NewTextHandler(&log, nil))
			if found, err := open.Contains(t.Context(), "password"); found || err != nil {
				t.Errorf("fail open: got %t %v, want not found", found, err)
			}
			if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "WARN") {
				t.Errorf("the log is %q, want one warning", &log)
			}
			said := strings.ReplaceAll(log.String()+err.Error(), "password", "")
			for _, secret := range secrets[1:] {
				if strings.Contains(strings.ToUpper(said), secret) {
					t.Errorf("%q contains a part of the hash", said)
				}
			}
			if _, _, err := closed.Check(t.Context()); err == nil {
				t.Error("check reports no error")
			}
		})
	}
}

// A visitor who leaves is not a failure of the service.
func TestCancelledLookUpIsNeitherFoundNorLogged(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var log bytes.Buffer
	c := serve(t, false, func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	c.Log = slog.New(slog.NewTextHandler(&log, nil))
	if _, err := c.Contains(ctx, "password"); !errors.Is(err, context.Canceled) || log.Len() > 0 {
		t.Errorf("got %v and the log %q, want %v", err, &log, context.Canceled)
	}
}

func TestAddressesOfServices(t *testing.T) {
	for address, want := range map[string]bool{
		"https://range.example.org/range/": true, "https://range.example.org": true, "http://127.0.0.1:8099/range": true,
		"http://localhost/": true, "http://[::1]:80/": true, "http://range.example.org/": false, "http://10.0.0.7/": false,
		"ftp://range.example.org/": false, "https://": false, "https://user:key@range.example.org/": false,
		"https://range.example.org/?key=1": false, "https://range.example.org/#a": false, "https://ex ample.org/": false,
	} {
		if _, err := breach.New(address, false); (err == nil) != want {
			t.Errorf("%s: got %v, want accepted: %t", address, err, want)
		}
	}
}

func TestNilCheckerFindsNothing(t *testing.T) {
	if found, err := (*breach.Checker)(nil).Contains(t.Context(), "password"); found || err != nil {
		t.Errorf("got %t %v", found, err)
	}
}
