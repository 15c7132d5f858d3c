package web

import (
	"context"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"
)

// How long a session lasts at most, and without a request (OWASP ASVS 5.0, V7.3).
const (
	SessionLifetime = 12 * time.Hour
	SessionIdle     = time.Hour
)

// NewSessions returns a manager of the sessions of one face; name sets its
// cookie apart. Only hashes of tokens are stored. A session that can't be loaded
// or kept is a page of the engine's.
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

// failedKey is where the context of a request keeps what failed before it came to
// an engine.
type failedKey struct{}

func failedBefore(c *gin.Context) error {
	err, _ := c.Request.Context().Value(failedKey{}).(error)
	return err
}

// CookieName ties a cookie to this host alone where https allows it (RFC
// 6265bis, section 4.1.3.2).
func CookieName(name string, https bool) string {
	if https {
		return "__Host-" + name
	}
	return name
}
