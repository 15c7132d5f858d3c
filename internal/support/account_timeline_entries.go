package support

import (
	"slices"
	"strings"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/staff"
)

// entry is a line of a person's timeline.
type entry struct {
	ID      string // its name on the page
	Link    string // its own URL
	When    when
	Class   string // what kind of line it is
	Text    string // what happened
	Outcome history.Outcome
	Mail    reset.MailState // of a request
	Email   string          // requested, or where an email went; empty if it is the account's present address
	IP      string
	Agent   string
	Server  string // mail server
	Detail  string // a reason, a rule or a server's reply
	Message string // Message-ID
	By      string // who did it, if it was not the person
	Reason  string // from a member of staff
	Refused string // why the action of the member was refused
	Caller  staff.Caller
	Reset   string // id of the reset that it belongs to
	Rescue  string // id of the reset that a "this wasn't me" made
	Denied  string // id of the reset that a "this wasn't me" was about

	at    time.Time
	order int
}

// about are the topics of the moments of a reset; moments of other words are only
// "resets".
var about = map[string][]topic{
	"used": {ofResets, ofChanges}, "not_me": {ofResets, ofChanges}, "rescue": {ofResets, ofChanges},
	"opened": {ofOpens, ofResets}, "opened_scanner": {ofOpens, ofResets},
	"sent": {ofEmails}, "unanswered": {ofEmails}, "deferred": {ofEmails}, "failed": {ofEmails}, "bounced": {ofEmails, ofResets}, "notice_bounced": {ofEmails},
	"notice_sent": {ofEmails}, "notice_unanswered": {ofEmails}, "notice_deferred": {ofEmails}, "notice_failed": {ofEmails},
}

// life adds the moments of a reset.
func (t *teller) life(l history.Life) {
	for _, m := range timeline(l, t.now) {
		if m.Word == "withheld" {
			continue // the outcome beside the request shows it
		}
		e := entry{
			at: m.At, Class: m.Word, Text: t.plain("event_", m.Word), IP: m.IP, Detail: t.Detail(m), Reset: l.ID.String(), Rescue: m.Rescue, Denied: m.Denied,
		}
		if m.Server {
			e.Server, e.Message = m.Agent, messageID(l, m)
		} else {
			e.Agent = m.Agent
		}
		if m.Word == "asked" {
			e.Outcome, e.Mail = became(l.Reset, t.now)
			e.Email = t.view.other(l.Email)
			if l.RequestedBy == reset.RequestedByUser {
				e.Detail = ""
			}
		}
		topics := about[m.Word]
		if topics == nil {
			topics = []topic{ofResets}
		}
		t.add(e, topics...)
	}
}

// messageID returns the Message-ID of the email that an attempt was about.
func messageID(l history.Life, m moment) string {
	notice := strings.HasPrefix(m.Word, "notice_")
	for _, d := range l.Deliveries {
		if notice == (d.Kind == reset.KindPasswordChanged) {
			return d.MessageID
		}
	}
	return ""
}

// other returns an address if it is not the account's present one.
func (view accountView) other(email string) string {
	if a, err := reset.ParseAddress(email); err == nil && a.Matches(view.Account.Email) {
		return ""
	}
	return email
}

// event adds an event of the account. Those of a reset are among its moments.
func (t *teller) event(e history.Event) {
	if e.ResetID != (reset.ID{}) {
		return
	}
	m := happened(e.Event)
	line := entry{at: m.At, Class: m.Word, Text: t.plain("happened_", m.Word), IP: m.IP, Agent: m.Agent, Detail: t.Detail(m), Rescue: m.Rescue, Denied: m.Denied}
	if e.Actor != reset.ActorUser {
		line.By = t.By(e.Actor)
	}
	topic := ofChanges
	if e.Kind == reset.EventBounced {
		topic, line.Server, line.Agent, line.By = ofEmails, m.Agent, "", ""
	}
	if slices.Contains(signInKinds, e.Kind) {
		topic = ofSignIns
	}
	t.add(line, topic)
}

// mail adds an email that belongs to no reset.
func (t *teller) mail(d reset.Delivery) {
	at, state := d.CreatedAt, "ended"
	switch {
	case !d.BouncedAt.IsZero() && d.UserID == "": // otherwise the account has an event
		at, state = d.BouncedAt, "bounced"
	case !d.SentAt.IsZero():
		at, state = d.SentAt, "sent"
	case !d.FailedAt.IsZero():
		at, state = d.FailedAt, "failed"
	case !d.NextAttemptAt.IsZero():
		state = "waiting"
	}
	t.add(entry{
		at: at, Class: "mail_" + state, Text: t.plain("kind_", string(d.Kind)) + ": " + t.plain("notice_", state),
		Server: d.LastServer, Detail: d.LastReply, Message: d.MessageID, Email: t.view.other(d.Recipient),
	}, ofEmails)
}

// signUp adds a sign-up, and its email.
func (t *teller) signUp(u history.SignUp) {
	t.add(entry{at: u.CreatedAt, Class: "signup", Text: t.plain("joined_", t.signUpState(u)), IP: u.IP, Agent: u.Agent, Email: t.view.other(u.Email)}, ofChanges)
	if u.Mail.ID != (reset.ID{}) && u.Mail.UserID == "" { // the others are among the emails of the account
		t.mail(u.Mail)
	}
}

// signUpState returns what became of a sign-up.
func (t *teller) signUpState(u history.SignUp) string {
	switch {
	case !u.ConfirmedAt.IsZero():
		return "confirmed"
	case u.Mail.Kind == reset.KindSignUpExists:
		return "exists"
	case u.Replaced:
		return "replaced"
	case t.view.Account.ID != "" && t.view.other(u.Email) == "":
		return "taken"
	case u.Mail.Recipient == "":
		return "unsent"
	case !u.ExpiresAt.After(t.now):
		return "expired"
	default:
		return "waiting"
	}
}

// action adds what a member of staff did, or was refused. The later actions are newest first.
func (t *teller) action(e staff.Entry, later []staff.Entry) {
	line := entry{at: e.At, Class: "staff", Text: t.plain("action_", string(e.Action)), By: e.Member, Reason: e.Reason, Caller: e.Caller}
	if e.Refused != "" {
		line.Refused = t.StaffRefusal(e.Refused)
	}
	if e.Action == staff.MailedCode && e.Refused == "" {
		line.Detail = t.afterCode(e, later)
	}
	if e.Target != t.view.UserID {
		line.Reset = e.Target
	}
	t.add(line, ofStaff)
}
