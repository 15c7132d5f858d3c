package web

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"resetd/internal/limit"
	"resetd/internal/password"
	"resetd/internal/reset"
)

// The errors of requests that do not reach the domain.
var (
	// ErrBadRequest: none of our forms sends such a request.
	ErrBadRequest = errors.New("bad request")
	// ErrTooLarge: the body is longer than MaxBody.
	ErrTooLarge = errors.New("body too large")
	// ErrSlow: the body did not arrive within the server's time limit.
	ErrSlow = errors.New("body too slow")
	// ErrCrossSite: another site sent the form.
	ErrCrossSite = errors.New("cross-site request")
	// ErrMethod: the page exists, but not for this method.
	ErrMethod = errors.New("method not allowed")
)

// answers maps errors to statuses. Any other error is a fault of the program.
var answers = []struct {
	err    error
	status int
	retry  time.Duration // for Retry-After
}{
	{ErrBadRequest, http.StatusBadRequest, 0},
	{reset.ErrSignedOut, http.StatusUnauthorized, 0},
	{ErrCrossSite, http.StatusForbidden, 0},
	{ErrNoPage, http.StatusNotFound, 0},
	{reset.ErrNoLink, http.StatusNotFound, 0},
	{ErrMethod, http.StatusMethodNotAllowed, 0},
	{ErrSlow, http.StatusRequestTimeout, 0},
	{reset.ErrGone, http.StatusNotFound, 0},
	{reset.ErrRescued, http.StatusGone, 0},
	{reset.ErrUsed, http.StatusGone, 0},
	{reset.ErrExpired, http.StatusGone, 0},
	{reset.ErrOtherUsed, http.StatusGone, 0},
	{reset.ErrRevoked, http.StatusGone, 0},
	{ErrTooLarge, http.StatusRequestEntityTooLarge, 0},
	{reset.ErrAddress, http.StatusUnprocessableEntity, 0},
	{reset.ErrCredentials, http.StatusUnprocessableEntity, 0},
	{password.ErrBusy, http.StatusServiceUnavailable, 5 * time.Second},
	{reset.ErrUnchecked, http.StatusServiceUnavailable, 30 * time.Second},
	{reset.ErrBusy, http.StatusServiceUnavailable, 2 * time.Second},
	{reset.ErrUnavailable, http.StatusServiceUnavailable, 10 * time.Second},
	{reset.ErrAccounts, http.StatusServiceUnavailable, time.Minute},
	{reset.ErrAccountChanged, http.StatusServiceUnavailable, time.Second},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, 10 * time.Second},
}

// Status returns the HTTP status of an error.
func Status(err error) int {
	status, _ := answer(err)
	return status
}

func answer(err error) (status int, retry time.Duration) {
	if many, ok := errors.AsType[*limit.TooMany](err); ok {
		return http.StatusTooManyRequests, many.RetryAfter
	}
	for _, a := range answers {
		if errors.Is(err, a.err) {
			return a.status, a.retry
		}
	}
	return http.StatusInternalServerError, 0
}

// Handle converts a function that returns an error into a handler. The error page
// contains advice for the visitor. The error itself is only in the log.
func (r *Renderer) Handle(h func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			r.fail(c, err)
		}
	}
}

func (r *Renderer) fail(c *gin.Context, err error) {
	if errors.Is(err, context.Canceled) && errors.Is(context.Cause(c.Request.Context()), reset.ErrUnavailable) {
		err = reset.ErrUnavailable // the service stops, but the client is there
	}
	_ = c.Error(err)
	if errors.Is(err, context.Canceled) {
		c.AbortWithStatus(statusClientGone)
		return
	}
	if c.Writer.Written() {
		panic(http.ErrAbortHandler) // a part of the page is sent: the browser has to see that the rest is missing
	}
	status, retry := answer(err)
	view := ErrorView{
		Page: r.Page(c), Status: status, RequestID: c.GetString(requestID), Start: start(c.Request.URL.Path),
		Mending: errors.Is(err, reset.ErrAccounts), Unchecked: errors.Is(err, reset.ErrUnchecked),
	}
	if status >= http.StatusInternalServerError || status == http.StatusTooManyRequests {
		view.Typed = TypedReason(c)
	}
	if retry > 0 {
		view.RetryAfter = seconds(retry)
		c.Header("Retry-After", view.RetryAfter)
	}
	c.Abort()
	if err := r.HTML(c, status, "error.html", view); err != nil {
		_ = c.Error(err)
		c.String(status, http.StatusText(status))
	}
}

// TooMany reports whether an error is a reached limit. It then logs the error with the
// request and tells the browser how long to wait, and the caller shows a page of its own.
func TooMany(c *gin.Context, err error) bool {
	many, ok := errors.AsType[*limit.TooMany](err)
	if ok {
		_ = c.Error(err)
		c.Header("Retry-After", seconds(many.RetryAfter))
	}
	return ok
}

// start returns the first page of the front end that a path belongs to.
func start(path string) string {
	if path == "/support" || strings.HasPrefix(path, "/support/") {
		return "/support"
	}
	return "/"
}

// seconds is the form of Retry-After (RFC 9110, section 10.2.3). It rounds up, so a visitor who waits that long is not too early.
func seconds(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }

// statusClientGone is only for the log: the client has disconnected.
const statusClientGone = 499

// SeeOther redirects to the next page after a form (RFC 9110, section 15.4.4).
func SeeOther(c *gin.Context, path string) error {
	c.Redirect(http.StatusSeeOther, path)
	return nil
}
