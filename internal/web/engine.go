package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"
)

// requestID is the key of a request's id in its context and in the log.
const requestID = "request_id"

// resetID is the key of the id of a request's reset in its context.
const resetID = "reset_id"

// warned is the key of requests that are logged at level WARN, see Warn.
const warned = "warned"

// AboutReset makes the log of a request name its reset. The id is no secret: staff see it,
// and it opens nothing without the key.
func AboutReset(c *gin.Context, id fmt.Stringer) { c.Set(resetID, id.String()) }

// RequestTimeout is how long a request may take, including the wait for a hash.
const RequestTimeout = 15 * time.Second

// answerTime is the part of RequestTimeout that is left for an error page.
const answerTime = time.Second

// EngineConfig is what an engine needs. The first three
// are required.
type EngineConfig struct {
	Renderer *Renderer
	Log      *slog.Logger
	BaseURL  *url.URL
	Proxies  Proxies

	// Observe is called after each request with its route, which is empty for an unknown path.
	Observe func(ctx context.Context, route, method string, status int, took time.Duration)
	// Unidentified is called for each request whose proxy does not tell who the visitor is.
	Unidentified func()
}

// NewEngine returns an engine with all middleware, and with error pages for unknown
// paths and methods.
func NewEngine(cfg EngineConfig) (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false                  // gin's redirects contain the path and bypass the private headers
	if err := e.SetTrustedProxies(nil); err != nil { // by default gin trusts everybody
		return nil, fmt.Errorf("web: trusted proxies: %w", err)
	}
	sameSite, err := refuseCrossSite(cfg)
	if err != nil {
		return nil, err
	}
	e.Use(identify, identifyVisitor(cfg), logRequests(cfg), privateHeaders(cfg.BaseURL.Scheme == "https"),
		cfg.Renderer.recovered(cfg.Log), sameSite, cfg.Renderer.Handle(failedBefore))
	e.NoRoute(cfg.Renderer.Handle(func(*gin.Context) error { return ErrNoPage }))
	e.NoMethod(cfg.Renderer.Handle(func(*gin.Context) error { return ErrMethod }))
	return e, nil
}

func identify(c *gin.Context) {
	id := rand.Text()[:16]
	c.Set(requestID, id)
	c.Header("X-Request-Id", id)
}

// logRequests logs one line per request. It logs the route and not the path, which
// can contain a link's secret. It logs neither IP addresses nor User-Agents.
func logRequests(cfg EngineConfig) gin.HandlerFunc {
	return func(c *gin.Context) {
		start := time.Now()
		defer func() { // deferred, so aborted requests are logged too
			if unsaved(c) {
				return
			}
			took := time.Since(start)
			cfg.logRequest(c, took)
			if cfg.Observe != nil {
				cfg.Observe(c.Request.Context(), c.FullPath(), methodName(c.Request.Method), c.Writer.Status(), took)
			}
		}()
		c.Next()
		c.Writer.WriteHeaderNow() // saves the session, which may fail
	}
}

func (cfg EngineConfig) logRequest(c *gin.Context, took time.Duration) {
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("method", methodName(c.Request.Method)), slog.String("route", c.FullPath()), slog.Int("status", c.Writer.Status()),
		slog.Int64("micros", took.Microseconds()), slog.String(requestID, c.GetString(requestID)),
	}
	if id := c.GetString(resetID); id != "" {
		attrs = append(attrs, slog.String("reset", id))
	}
	if last := c.Errors.Last(); last != nil {
		attrs = append(attrs, slog.String("error", last.Err.Error()))
	}
	switch {
	case c.Writer.Status() >= http.StatusInternalServerError:
		level = slog.LevelError
	case c.GetBool(warned):
		level = slog.LevelWarn
	}
	cfg.Log.LogAttrs(c.Request.Context(), level, "request", attrs...)
}

// Warn logs a request at level WARN: the visitor may have caused its error, or an operator
// has to repair something.
func Warn(c *gin.Context) { c.Set(warned, true) }

// methodName returns a standard method, or a fixed word for any other text, so a
// visitor can't write text into the log.
func methodName(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodOptions, http.MethodConnect, http.MethodTrace:
		return m
	default:
		return "other"
	}
}

// recovered turns a panic into an error page and logs the stack trace.
func (r *Renderer) recovered(log *slog.Logger) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer func() {
			p := recover()
			if p == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
				panic(p) // net/http closes the connection
			}
			if p != nil {
				log.ErrorContext(c.Request.Context(), "panic", "route", c.FullPath(), requestID, c.GetString(requestID), "trace", string(debug.Stack()))
				r.fail(c, errors.New("panic"))
			}
		}()
		c.Next()
	}
}

// Bounded limits the time of a request and the size of its body. It must wrap every
// handler that waits for the database.
func Bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(context.WithValue(r.Context(), withoutTimeoutKey{}, r.Context()), RequestTimeout-answerTime)
		defer cancel()
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, MaxBody)
		next.ServeHTTP(w, r)
	})
}

// withoutTimeoutKey is the context key of the original context of a bounded request.
type withoutTimeoutKey struct{}

// WithoutTimeout returns the context of a request without RequestTimeout, for a
// streamed answer. It ends when the browser disconnects.
func WithoutTimeout(ctx context.Context) context.Context {
	if before, ok := ctx.Value(withoutTimeoutKey{}).(context.Context); ok {
		return before
	}
	return ctx
}
