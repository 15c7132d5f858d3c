package support

import (
	"cmp"
	"strings"
	"time"

	"resetd/internal/history"
)

// ticket returns ten plain lines about the person, to be copied into a ticket.
func (view accountView) ticket(base string) (string, error) {
	lines := []struct {
		id    string
		value string
	}{
		{"ticket_person", strings.TrimSpace(view.Account.Name + " <" + view.Account.Email + ">")},
		{"ticket_account", view.UserID},
		{"ticket_state", view.stateText()},
		{"ticket_signed_in", view.text(view.LastSignIn)},
		{"ticket_now", plainText(view.Situation)},
		{"ticket_asked", view.lastAsked()},
		{"ticket_mail", view.lastMail()},
		{"ticket_opened", view.lastOpened()},
		{"ticket_used", view.lastUsed()},
		{"ticket_page", base + view.UserPath + ", " + view.When(view.now).Text},
	}
	var b strings.Builder
	for _, line := range lines {
		label, err := view.T(line.id)
		if err != nil {
			return "", err
		}
		b.WriteString(label + ": " + cmp.Or(oneLine(line.value), "–") + "\n")
	}
	return b.String(), nil
}

// oneLine keeps a text on one line.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func (view accountView) text(w *when) string {
	if w == nil {
		return ""
	}
	return w.Text
}

func (view accountView) stateText() string {
	state := "deleted"
	switch {
	case view.Account.ID == "":
	case view.Account.Active:
		state = "active"
	default:
		state = "inactive"
	}
	text := view.plain("account_", state)
	if len(view.Locks) > 0 {
		text += ", " + view.plain("account_", "locked")
	}
	return text
}

// last returns the newest reset with a link, or else the newest; nil if there is none.
func (view accountView) last() *history.Life {
	for i := range view.newest {
		if view.newest[i].AccountState != "" {
			return &view.newest[i]
		}
	}
	if len(view.newest) > 0 {
		return &view.newest[0]
	}
	return nil
}

func (view accountView) lastAsked() string {
	l := view.last()
	if l == nil {
		return ""
	}
	return view.When(l.CreatedAt).Text + ", " + l.Email + ", " + view.Place(l.CreatedByIP.String()) + ", " + view.Outcome(history.OutcomeOf(l.Reset, view.now)) + ", id " + l.ID.String()
}

func (view accountView) lastMail() string {
	l := view.last()
	if l == nil {
		return ""
	}
	for _, d := range l.Deliveries {
		if !d.Kind.HasLink() {
			continue
		}
		parts := []string{view.at(d.SentAt), view.at(d.FailedAt), d.LastServer, d.LastReply}
		if d.MessageID != "" {
			parts = append(parts, "Message-ID <"+d.MessageID+">")
		}
		return together(parts)
	}
	return ""
}

func (view accountView) lastOpened() string {
	l := view.last()
	if l == nil || l.OpenedAt.IsZero() {
		return ""
	}
	return view.at(l.OpenedAt) + ", " + view.Place(l.OpenedByIP.String())
}

func (view accountView) lastUsed() string {
	for _, l := range view.newest {
		if !l.UsedAt.IsZero() {
			return view.at(l.UsedAt) + ", " + view.Place(l.UsedByIP.String()) + ", id " + l.ID.String()
		}
	}
	return ""
}

// at returns a time as text; empty for the zero time.
func (view accountView) at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return view.When(t).Text
}
