package mail

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"

	"resetd/internal/reset"
)

// rehearse composes every kind of email, with all optional parts and without them.
func (c *Composer) rehearse() error {
	for kind, name := range names {
		for _, m := range rehearsals(kind) {
			v, err := c.view(m)
			if err != nil {
				return fmt.Errorf("mail: words of %s: %w", name, err)
			}
			r, err := c.templates[kind].render(v)
			if err != nil {
				return fmt.Errorf("mail: %w", err)
			}
			if err := r.check(v); err != nil {
				return fmt.Errorf("mail: %s: %w", name, err)
			}
		}
	}
	return nil
}

// check returns an error if an essential part is missing.
func (r rendered) check(v *view) error {
	switch {
	case r.subject == "":
		return errors.New("the subject is empty")
	case !strings.Contains(r.text, v.Link):
		return errors.New("the text doesn't show {{.Link}}")
	case !strings.Contains(r.html, v.Link):
		return errors.New("the HTML doesn't show {{.Link}}")
	case !strings.Contains(r.text, v.Code):
		return errors.New("the text doesn't show {{.Code}}")
	case !strings.Contains(r.html, v.Code):
		return errors.New("the HTML doesn't show {{.Code}}")
	default:
		return nil
	}
}

func rehearsals(kind reset.Kind) []reset.Mail {
	at := time.Date(2026, time.January, 2, 3, 4, 5, 0, time.UTC)
	now := func() time.Time { return at }
	full := reset.Mail{
		Delivery: reset.Delivery{Kind: kind, CreatedAt: at},
		Reset: reset.Reset{
			ID: uuid.Max, CreatedAt: at, ExpiresAt: at.Add(time.Hour), CreatedByIP: netip.IPv6Loopback(),
			UsedAt: at, UsedByIP: netip.IPv6Loopback(), RequestedBy: reset.RequestedByUser,
		},
		Account: reset.Account{ID: "1", Name: "Example User"}, Several: true, Code: "012345", Now: now,
	}
	support := full
	support.Reset.RequestedBy, support.Reset.UsedByIP = staffPrefix+"example", netip.Addr{}
	empty := reset.Mail{Delivery: reset.Delivery{Kind: kind, CreatedAt: at}, Now: now}
	return []reset.Mail{full, support, empty}
}
