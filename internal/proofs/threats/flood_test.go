package threats

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestOversized(t *testing.T) {
	each(t, vars{"LIMIT_ADDRESS": "5/1h"}, func(s *service) {
		s.account(user)
		for name, c := range map[string]struct {
			body string
			want int
		}{
			"a million fields":         {strings.Repeat("a&", 1_000_000) + "email=user%40example.org", http.StatusRequestEntityTooLarge},
			"as many as fit":           {strings.Repeat("a&", 20_000), http.StatusBadRequest},
			"a field of 64 KB":         {"email=" + strings.Repeat("a", 64<<10) + "@example.org", http.StatusRequestEntityTooLarge},
			"an address that fits":     {"email=" + strings.Repeat("a", 60<<10) + "@example.org", http.StatusUnprocessableEntity},
			"many domains":             {"email=a@" + strings.Repeat("a.", 25<<10) + "org", http.StatusUnprocessableEntity},
			"255 bytes":                {"email=" + strings.Repeat("a", 64) + "@" + strings.Repeat("abc.", 50) + "example.org", http.StatusUnprocessableEntity},
			"one byte too many":        {"email=" + strings.Repeat("a", 243) + "@example.org", http.StatusUnprocessableEntity},
			"marks without end":        {"email=a" + strings.Repeat("%CC%81", 9_000) + "@example.org", http.StatusUnprocessableEntity},
			"invalid UTF-8":            {"email=user%ff%40example.org", http.StatusBadRequest},
			"half a letter":            {"email=user%c3%40example.org", http.StatusBadRequest},
			"a slash that is too long": {"email=user%c0%af%40example.org", http.StatusBadRequest},
			"a surrogate":              {"email=user%ed%a0%80%40example.org", http.StatusBadRequest},
		} {
			if p := s.browser().With("Content-Type", form).Do(http.MethodPost, "/password-reset", c.body); p.Status != c.want {
				s.Errorf("%s: got %d, want %d", name, p.Status, c.want)
			}
		}
		if status := s.raw("POST /password-reset", "Host: x\r\n"+strings.Repeat("A: b\r\n", 1_000), ""); status != http.StatusRequestHeaderFieldsTooLarge && status != http.StatusBadRequest {
			s.Errorf("a thousand headers: got %d", status)
		}
		if status := s.raw("POST /password-reset", "Host: x\r\nA: "+strings.Repeat("b", 1<<16)+"\r\n", ""); status != http.StatusRequestHeaderFieldsTooLarge {
			s.Errorf("a long header: got %d, want 431", status)
		}
		s.is("0", `SELECT (SELECT count(*) FROM password_resets) + (SELECT count(*) FROM reset_limits)`)
	})
}

func TestHundredMegabytes(t *testing.T) {
	each(t, nil, func(s *service) {
		for path, header := range map[string]string{
			"/password-reset": "Content-Length: 104857600", "/login": "Transfer-Encoding: chunked", "/password-reset/confirm": "Content-Length: 104857600",
		} {
			conn := s.dial()
			_, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\n%s\r\n\r\n", path, form, header)
			s.must(err)
			var taken atomic.Int64
			stopped := make(chan struct{})
			go func() {
				defer close(stopped)
				piece := "8000\r\n" + strings.Repeat("a", 0x8000) + "\r\n"
				for taken.Load() < 100<<20 {
					n, err := io.WriteString(conn, piece)
					if taken.Add(int64(n)); err != nil {
						return
					}
				}
			}()
			if status := s.answered(conn); status != http.StatusRequestEntityTooLarge {
				s.Errorf("%s: got %d, want 413", path, status)
			}
			_ = conn.Close()
			<-stopped
			if taken.Load() > 50<<20 { // includes the buffers of the network
				s.Errorf("%s: it read %d bytes", path, taken.Load())
			}
		}
	})
}

func TestThousandPasswords(t *testing.T) {
	each(t, vars{"HASH_WORKERS": "2", "HASH_QUEUE": "100"}, func(s *service) {
		s.account(user)
		stop, cancel := context.WithCancel(s.Context())
		defer cancel()
		var refused, busy, others atomic.Int64
		var all, watching sync.WaitGroup
		for i := range 1000 {
			all.Go(func() {
				p, err := s.browser().trySignIn(fmt.Sprintf("user%d@example.org", i))
				switch {
				case err != nil:
					s.Error(err)
				case p.Status == http.StatusUnprocessableEntity:
					refused.Add(1)
				case p.Status == http.StatusServiceUnavailable && p.Header.Get("Retry-After") != "":
					busy.Add(1)
				default:
					s.Errorf("got %d, want 422, or 503 with Retry-After", p.Status)
				}
			})
		}
		watching.Go(func() {
			for stop.Err() == nil {
				if p, err := s.browser().Try(http.MethodGet, "/password-reset", ""); err != nil || p.Status != http.StatusOK {
					s.Errorf("another page: %d %v", p.Status, err)
				}
				if refused.Load()+busy.Load() < 1000 {
					others.Add(1)
				}
				time.Sleep(20 * time.Millisecond)
				// A hash takes 19 MiB; without bounds a thousand would take 19 GiB.
				if mib, err := s.program.Memory(s.Context()); err != nil || mib > 400 {
					s.Errorf("%.0f MiB of memory, %v", mib, err)
				}
			}
		})
		all.Wait()
		cancel()
		watching.Wait()
		if !strings.Contains(s.program.Log(), "too many passwords are waiting") { // otherwise the 503 are timeouts
			s.Error("nobody was refused by the queue")
		}
		if busy.Load() == 0 || refused.Load() == 0 || others.Load() == 0 {
			s.Errorf("%d were refused, %d told to come back, %d other pages shown meanwhile", refused.Load(), busy.Load(), others.Load())
		}
		s.wantPassword(user, oldPassword)
	})
}

func (b *browser) trySignIn(email string) (page, error) {
	return b.Try(http.MethodPost, "/login", "email="+email+"&password=wrong")
}

func TestThousandRequestsForOneVictim(t *testing.T) {
	each(t, vars{"LIMIT_ADDRESS": "5/1h", "LIMIT_LINK": "30/1h", "LIMIT_SIGNIN": "20/15m"}, func(s *service) {
		s.account(user)
		var all sync.WaitGroup
		for range 20 {
			b := s.browser()
			all.Go(func() {
				for range 50 {
					if p, err := b.Try(http.MethodPost, "/password-reset", "email=user%40example.org"); err != nil || p.Status != http.StatusSeeOther {
						s.Errorf("got %d %v, want 303", p.Status, err)
					}
				}
			})
		}
		all.Wait()
		s.is("995", `SELECT count(*) FROM password_resets WHERE withheld = 'throttled'`)
		mails := s.mails()
		if len(mails) == 0 || len(mails) > 5 {
			s.Fatalf("got %d emails, want one to five", len(mails))
		}
		for _, m := range mails {
			s.browser().Get(s.linkIn(m)).Is(http.StatusSeeOther) // each link is alive
		}
		s.wantPassword(user, oldPassword) // the owner is not locked out
		s.browser().finish(s.linkIn(mails[0]), newPassword)
		for _, m := range mails[1:] {
			s.browser().Get(s.linkIn(m)).Is(http.StatusGone)
		}
		s.wantPassword(user, newPassword, oldPassword)
	})
}
