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
		e.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), failedKey{}, err)))
	}
	return m
}

// failedKey is the context key of an error that occurred before the engine got the
// request.
type failedKey struct{}

func failedBefore(c *gin.Context) error {
	err, _ := c.Request.Context().Value(failedKey{}).(error)
	return err
}

// CookieName returns the name of a cookie. With https the name limits the cookie to
// this host (RFC 6265bis, section 4.1.3.2).
func CookieName(name string, https bool) string {
	if https {
		return "__Host-" + name
	}
	return name
}
