package support

import (
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/web"
)

// openSession is a session of a person. The record has no client of a session, but that of the
// event which began it.
type openSession struct {
	Since     when
	IP, Agent string // empty: not known
}

// beganBy are the kinds of events that begin a session.
var beganBy = []reset.EventKind{reset.EventSignedIn, reset.EventPasswordChanged}

// beganWithin is how far the times of a session and of its event are apart at most.
const beganWithin = 5 * time.Second

// sessions sets the open sessions of a built-in account.
func (s *support) sessions(v visit, view *accountView) error {
	if !s.Builtin {
		return nil
	}
	begun, err := s.People.Begun(v.ctx(), view.UserID, web.SessionLifetime)
	if err != nil || len(begun) == 0 {
		return err
	}
	since := begun[len(begun)-1].Add(-beganWithin)
	found, err := s.History.Story(v.ctx(), history.Person{UserID: view.UserID}, history.Sources{Events: true, Kinds: beganBy}, history.Span{Since: since})
	for _, at := range begun {
		one := openSession{Since: view.When(at)}
		if e := clientAt(at, found.Events); e.IP.IsValid() {
			one.IP, one.Agent = e.IP.String(), e.Agent
		}
		view.Sessions = append(view.Sessions, one)
	}
	return err
}

// clientAt returns the event that began a session at a time. If there are several from different
// clients, it returns none.
func clientAt(at time.Time, events []history.Event) (began history.Event) {
	for _, e := range events {
		switch {
		case e.At.Sub(at).Abs() > beganWithin || e.Actor != reset.ActorUser:
		case began.IP.IsValid() && (began.IP != e.IP || began.Agent != e.Agent):
			return history.Event{}
		default:
			began = e
		}
	}
	return began
}
