package support

import (
	"context"
	"errors"

	"resetd/internal/reset"
	"resetd/internal/staff"
)

// checkActions are the actions that verify a caller. They need no reason.
var checkActions = []staff.Action{staff.MailedCode, staff.TypedCode}

// caller is how far the member has verified the caller for whom a link would be sent.
type caller struct {
	Shown    bool // the setting offers it, and the member may do it
	Required bool
	Verified *when  // when the member typed the right code, if that still counts
	Open     *when  // until when a code can be typed
	Left     int    // tries
	Over     bool   // the code was mailed within its lifetime, and can't be typed any more
	Email    string // the stored address
	Mail     string // the state of the email with the code, as in the catalogue
	Reply    string // of the mail server
	UserPath string
}

// caller returns how far the caller for an account is verified.
func (s *support) caller(v visit, p page, a reset.Account) (c caller, err error) {
	if a.ID == "" || !p.May(staff.MailedCode) || s.Staff.Checks() == staff.ChecksOff {
		return caller{}, nil
	}
	c = caller{Shown: true, Required: s.Staff.Checks() == staff.ChecksRequired, Email: a.Email, UserPath: accountPath(a.ID)}
	check, err := s.Staff.Check(v.ctx(), a.ID)
	if err != nil || check.ID == (reset.ID{}) {
		return c, err
	}
	c.Mail, c.Reply = string(check.Mail), check.Reply
	if check.Mail == reset.MailWaiting && c.Reply != "" {
		c.Mail = "deferred"
	}
	switch {
	case check.PassedBefore(v.now, v.member.Author()):
		c.Verified = whenOf(p, check.PassedAt)
	case check.Open(v.now):
		c.Open, c.Left = whenOf(p, check.ExpiresAt), reset.CheckTries-check.Tries
	default:
		c.Over = check.PassedAt.IsZero() && v.now.Before(check.AskedAt.Add(reset.CheckLifetime))
	}
	return c, nil
}

// onItsWay reports whether no mail server has refused the email with the code.
func (c caller) onItsWay() bool {
	return c.Mail == string(reset.MailAccepted) || c.Mail == string(reset.MailWaiting)
}

// shown returns a field that the page has: after the last try there is none for the code.
func (c caller) shown(field string) string {
	if field == "code" && c.Open == nil {
		return "check"
	}
	return field
}

// mailCode emails a code. If the database did not confirm this, the code may be on its way,
// and a second one would end it. So the form then counts as sent: sent again, it leads to
// the page, which shows whether there is a code.
func (s *support) mailCode(v visit, id string) error {
	unconfirmed := error(nil)
	err := s.once(v, func(ctx context.Context) error {
		err := s.Staff.MailCode(ctx, v.by(""), id)
		if errors.Is(err, reset.ErrUncertain) {
			unconfirmed, err = err, nil
		}
		return err
	})
	return errors.Join(err, unconfirmed)
}

// typeCode compares the code that a caller read out. A form that arrives twice counts as one
// try, and gets the same answer twice.
func (s *support) typeCode(v visit, id, code string) error {
	compared, wrong := false, error(nil)
	err := s.once(v, func(ctx context.Context) error {
		err := s.Staff.TypeCode(ctx, v.by(""), id, code)
		compared = true
		if errors.Is(err, reset.ErrWrongCode) { // the form has run
			wrong, err = err, nil
		}
		return err
	})
	if err == nil && !compared {
		return s.Staff.SameCode(v.ctx(), id, code)
	}
	return errors.Join(err, wrong)
}
