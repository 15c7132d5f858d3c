package web

import (
	"context"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"
)

// The maximum lifetime of a session, in total and without a request (OWASP ASVS
// 5.0, V7.3).
const (
	SessionLifetime = 12 * time.Hour
	SessionIdle     = time.Hour
)

// NewSessions returns the session manager of a front end, whose cookie has the given
// name. Only hashes of tokens are stored. If a session can't be loaded or saved, the
// engine e shows the error page.
func NewSessions(name string, store scs.CtxStore, codec scs.Codec, https bool, e http.Handler) *scs.SessionManager {
	m := scs.New()
	m.Store, m.Codec, m.HashTokenInStore = store, codec, true
	m.Lifetime, m.IdleTimeout = SessionLifetime, SessionIdle
	m.Cookie.Name = CookieName(name, https)
	m.Cookie.HttpOnly, m.Cookie.SameSite, m.Cookie.Path = true, http.SameSiteLaxMode, "/"
	m.Cookie.Secure, m.Cookie.Persist = https, false
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		if a, ok := r.Context().Value(answerKey{}).(*answered); ok {
			clear(w.Header()) // of the page that can't be sent
			defer func() { a.failed = true }()
		}
		e.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), failedKey{}, err)))
	}
	return m
}

// ReportTime is how long a page reports what was done in a browser. Later, somebody else may
// use it, and what the page states may have changed.
const ReportTime = 10 * time.Minute

// Report notes in a session that something was done now, for the next page.
func Report(ctx context.Context, m *scs.SessionManager, key string, now time.Time) {
	m.Put(ctx, key, now.UTC().Format(time.RFC3339))
}

// Reports reports whether something was done in a session just now.
func Reports(ctx context.Context, m *scs.SessionManager, key string, now time.Time) bool {
	at, err := time.Parse(time.RFC3339, m.GetString(ctx, key))
	return err == nil && now.Before(at.Add(ReportTime))
}

// failedKey is the context key of an error that occurred before the engine got the
// request, or when its session was saved.
type failedKey struct{}

func failedBefore(c *gin.Context) error {
	err, _ := c.Request.Context().Value(failedKey{}).(error)
	return err
}

// answered is an answer whose session is saved when its first byte is written. If that
// fails, the client has got the error page, and the rest of the answer is discarded.
type answered struct {
	http.ResponseWriter
	failed bool
}

// answerKey is the context key of the answer.
type answerKey struct{}

// WithSession is m.LoadAndSave for an answer that may fail when its session is saved.
func WithSession(m *scs.SessionManager, next http.Handler) http.Handler {
	next = m.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := &answered{ResponseWriter: w}
		next.ServeHTTP(a, r.WithContext(context.WithValue(r.Context(), answerKey{}, a)))
	})
}

// unsaved reports whether the error page was sent, and logged, in place of this answer.
func unsaved(c *gin.Context) bool {
	a, ok := c.Request.Context().Value(answerKey{}).(*answered)
	return ok && a.failed && failedBefore(c) == nil
}

// WriteHeader implements http.ResponseWriter.
func (a *answered) WriteHeader(status int) {
	if !a.failed {
		a.ResponseWriter.WriteHeader(status)
	}
}

// Write implements http.ResponseWriter.
func (a *answered) Write(b []byte) (int, error) {
	if a.failed {
		return len(b), nil
	}
	return a.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (a *answered) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// CookieName returns the name of a cookie. With https the name limits the cookie to
// this host (RFC 6265bis, section 4.1.3.2).
func CookieName(name string, https bool) string {
	if https {
		return "__Host-" + name
	}
	return name
}
