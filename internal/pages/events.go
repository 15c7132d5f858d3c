package pages

import (
	"github.com/gin-gonic/gin"

	"resetd/internal/limit"
	"resetd/internal/reset"
	"resetd/internal/web"
)

// event returns an event of an account by its user.
func (p *pages) event(c *gin.Context, a reset.Account, kind reset.EventKind, detail string) reset.Event {
	by := web.Client(c)
	return reset.Event{UserID: a.ID, At: p.Now().UTC(), Kind: kind, Actor: reset.ActorUser, IP: by.IP, Agent: by.Agent, Detail: detail}
}

// failed records a failure, or the lock that it causes: without an account nothing,
// and of many failures only some, see reset.RecordedOf.
func (p *pages) failed(c *gin.Context, a reset.Account, kind reset.EventKind, attempt limit.Attempt) error {
	var events []reset.Event
	switch {
	case a.ID == "":
	case attempt.Locks != "":
		events = append(events, p.event(c, a, reset.EventLocked, string(attempt.Locks)))
	case reset.RecordedOf(attempt.Number, attempt.Total):
		events = append(events, p.event(c, a, kind, reset.Numbered("", attempt.Number)))
	}
	return p.Resets.Record(c.Request.Context(), attempt.Source, events...)
}
