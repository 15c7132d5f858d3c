package support

import (
	"slices"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
)

// moment is a line of a timeline.
type moment struct {
	At     time.Time
	Word   string // of the catalogue, after "event_"
	IP     string
	Agent  string // the raw User-Agent, or the mail server of an attempt
	Detail string // a reason, a rule or a server's reply
	Server bool   // Agent is a mail server
	Rescue string // the id of the reset that a "this wasn't me" made
	Denied string // the id of the reset that a "this wasn't me" was about
}

// timeline returns the moments of a reset, oldest first: from its row, its deliveries
// and its events.
func timeline(l history.Life, now time.Time) []moment {
	all := []moment{{At: l.CreatedAt, Word: "asked", IP: l.CreatedByIP.String(), Agent: l.CreatedByAgent, Detail: l.RequestedBy}}
	if l.Withheld != "" {
		all = append(all, moment{At: l.CreatedAt, Word: "withheld", Detail: string(l.Withheld)})
	}
	var notices []moment // they come after the use, which has the same time
	for _, e := range l.Events {
		m := happened(e)
		if l.IsNotice(e) {
			m.Word = "notice_" + m.Word
			notices = append(notices, m)
			continue
		}
		all = append(all, m)
	}
	if !l.UsedAt.IsZero() {
		all = append(all, moment{At: l.UsedAt, Word: "used", IP: l.UsedByIP.String(), Agent: l.UsedByAgent})
	}
	if !l.RevokedAt.IsZero() {
		all = append(all, moment{At: l.RevokedAt, Word: "revoked", Detail: l.RevokedBy})
	}
	if l.Status(now) == reset.StatusExpired {
		all = append(all, moment{At: l.ExpiresAt, Word: "expired"})
	}
	all = append(all, notices...)
	slices.SortStableFunc(all, func(a, b moment) int { return a.At.Compare(b.At) })
	return all
}

func happened(e reset.Event) moment {
	m := moment{At: e.At, Word: string(e.Kind), Agent: e.Agent, Detail: e.Detail, Server: e.Actor == reset.ActorWorker}
	if e.IP.IsValid() {
		m.IP = e.IP.String()
	}
	if e.Kind == reset.EventOpened && e.Actor == reset.ActorScanner {
		m.Word = "opened_scanner"
	}
	switch e.Kind {
	case reset.EventNotMe:
		m.Rescue, m.Detail = e.Detail, ""
	case reset.EventRescue:
		m.Denied, m.Detail = e.Detail, ""
	default:
	}
	return m
}
