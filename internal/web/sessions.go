package web

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
)

// How long a session lasts at most, and without a request (OWASP ASVS 5.0, V7.3).
const (
	SessionLifetime = 12 * time.Hour
	SessionIdle     = time.Hour
)

// NewSessions returns a manager of the sessions of one face; name sets its
// cookie apart. Only hashes of tokens are stored.
func NewSessions(name string, store scs.CtxStore, codec scs.Codec, https bool, log *slog.Logger) *scs.SessionManager {
	m := scs.New()
	m.Store, m.Codec, m.HashTokenInStore = store, codec, true
	m.Lifetime, m.IdleTimeout = SessionLifetime, SessionIdle
	m.Cookie.Name = CookieName(name, https)
	m.Cookie.HttpOnly, m.Cookie.SameSite, m.Cookie.Path = true, http.SameSiteLaxMode, "/"
	m.Cookie.Secure, m.Cookie.Persist = https, false
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		status, retry := answer(err)
		if retry > 0 {
			w.Header().Set("Retry-After", seconds(retry))
		}
		log.ErrorContext(r.Context(), "session", "error", err.Error())
		http.Error(w, http.StatusText(status), status)
	}
	return m
}

// CookieName ties a cookie to this host alone where https allows it (RFC
// 6265bis, section 4.1.3.2).
func CookieName(name string, https bool) string {
	if https {
		return "__Host-" + name
	}
	return name
}
