package search

import (
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// where returns the conditions of a search in one window.
func (s search) where(w window) *sqldb.Conditions {
	c := &sqldb.Conditions{}
	if !w.since.IsZero() {
		c.Add(`created_at >= ?`, w.since)
	}
	if !w.until.IsZero() {
		c.Add(`created_at < ?`, w.until)
	}
	if s.Withheld != "" {
		s.reason(c)
	}
	s.keys(c)
	s.status(c)
	if s.Status == history.MailSlow {
		c.Parts = append(c.Parts, slow(c, w))
	}
	if after := s.From.After; after != (history.Position{}) {
		c.Parts = append(c.Parts, `(created_at, id) < (`+c.Bind(after.CreatedAt)+`, `+c.Bind(after.ID)+`)`)
	}
	return c
}

// reason adds why a link was withheld, to conditions that so far only bound the
// time. The index by time contains the reason and not the IP addresses: few rows of
// a network have to be read if the reason is looked up first.
func (s search) reason(c *sqldb.Conditions) {
	c.Add(`withheld = ?`, s.Withheld)
	if s.Network.IsValid() && !s.Exact() {
		c.Parts = []string{`id IN (SELECT id FROM password_resets` + c.Where() + s.db.Dialect.Fence + `)`}
	}
}

// keys adds the conditions for the keys, except for one IP address, which newest
// adds.
func (s search) keys(c *sqldb.Conditions) {
	if s.ID != (reset.ID{}) {
		c.Add(`id = ?`, s.ID)
	}
	if s.IDPrefix != "" {
		c.Add(`id >= ?`, s.IDPrefix+"-0000-0000-0000-000000000000")
		c.Add(`id <= ?`, s.IDPrefix+"-ffff-ffff-ffff-ffffffffffff")
	}
	if s.Email != "" {
		c.Add(`email = ?`, s.Email)
	}
	if s.UserID != "" {
		c.Add(`user_id = ?`, s.UserID)
	}
	if s.Part != "" {
		c.Add(s.db.Dialect.Position+`(email, ?) > 0`, s.Part)
	}
	if s.Network.IsValid() && !s.Network.IsSingleIP() {
		within := s.db.Dialect.Within
		c.Parts = append(c.Parts, `(`+within(c.Bind, "created_by_ip", s.Network)+` OR `+within(c.Bind, "used_by_ip", s.Network)+`)`)
	}
}

// slow returns the condition that the email with the link needed more than one attempt.
// Such emails have an index by time; none is older than its reset.
func slow(c *sqldb.Conditions, w window) string {
	since := ``
	if !w.since.IsZero() {
		since = ` AND created_at >= ` + c.Bind(w.since)
	}
	return `id IN (SELECT reset_id FROM reset_deliveries WHERE attempts > 1 AND failed_at IS NULL AND kind IN ('reset_link', 'rescue')` + since + `)`
}

// open is a reset that is neither used nor revoked nor withheld.
const open = `used_at IS NULL AND revoked_at IS NULL AND withheld IS NULL`

// status adds the conditions of a status, as in reset.Reset.Status.
func (s search) status(c *sqldb.Conditions) {
	switch s.Status {
	case reset.StatusUsed:
		c.Parts = append(c.Parts, `used_at IS NOT NULL`)
		if s.UsedIn != 0 {
			c.Add(s.db.Dialect.Minutes+` > ?`, int(history.Shorter(s.UsedIn)/time.Minute))
			c.Add(s.db.Dialect.Minutes+` <= ?`, int(s.UsedIn/time.Minute))
		}
	case reset.StatusRevoked:
		c.Parts = append(c.Parts, `revoked_at IS NOT NULL`)
	case reset.StatusWithheld:
		c.Parts = append(c.Parts, `withheld IS NOT NULL AND revoked_at IS NULL`)
	case reset.StatusExpired:
		c.Add(open+` AND expires_at <= ?`, s.Now)
	case reset.StatusOpened:
		c.Add(open+` AND opened_at IS NOT NULL AND expires_at > ?`, s.Now)
	case reset.StatusPending:
		c.Add(open+` AND opened_at IS NULL AND account_state IS NOT NULL AND expires_at > ?`, s.Now)
	case reset.StatusReceived:
		c.Add(open+` AND account_state IS NULL AND expires_at > ?`, s.Now)
	case history.MailFailed:
		c.Add(`mail = ?`, reset.MailFailed)
	case history.MailUnknown:
		c.Add(`mail = ?`, reset.MailUnknown)
	case history.MailReturned:
		c.Add(`mail = ?`, reset.MailBounced)
	case history.MailQueued:
		c.Add(`mail = ?`, reset.MailWaiting)
	case history.MailSent:
		c.Parts = append(c.Parts, `mail <> 'waiting'`)
	case history.MailReceived:
		c.Parts = append(c.Parts, `mail IN ('accepted', 'bounced')`)
	case history.NoEmail:
		c.Parts = append(c.Parts, `(withheld IS NOT NULL OR mail IN ('failed', 'bounced'))`)
	case history.OpenedOnly:
		c.Parts = append(c.Parts, `opened_at IS NOT NULL AND used_at IS NULL`)
	case history.StillOpen:
		c.Add(open+` AND expires_at > ?`, s.Now)
	case history.Failed:
		c.Add(`used_at IS NULL AND (withheld IS NOT NULL OR revoked_at IS NOT NULL OR expires_at <= ?)`, s.Now)
	case history.WasOpened:
		c.Parts = append(c.Parts, `(opened_at IS NOT NULL OR used_at IS NOT NULL)`)
	}
}
