package store

import (
	"resetd/internal/history"
	"resetd/internal/reset"
)

// where builds the conditions of a search for the resets of one window of time.
// The database's planner chooses the index.
func (s search) where(w window) *conditions {
	c := &conditions{}
	s.keys(c)
	s.status(c)
	if !w.since.IsZero() {
		c.add(`created_at >= ?`, w.since)
	}
	if !w.until.IsZero() {
		c.add(`created_at < ?`, w.until)
	}
	if after := s.From.After; after != (history.Position{}) {
		c.parts = append(c.parts, `(created_at, id) < (`+c.bind(after.CreatedAt)+`, `+c.bind(after.ID)+`)`)
	}
	return c
}

// keys adds what people search for. One IP address is added by its arms, see ofIP.
func (s search) keys(c *conditions) {
	if s.ID != (reset.ID{}) {
		c.add(`id = ?`, s.ID)
	}
	if s.IDPrefix != "" {
		c.add(`id >= ?`, s.IDPrefix+"-0000-0000-0000-000000000000")
		c.add(`id <= ?`, s.IDPrefix+"-ffff-ffff-ffff-ffffffffffff")
	}
	if s.Email != "" {
		c.add(`email = ?`, s.Email)
	}
	if s.UserID != "" {
		c.add(`user_id = ?`, s.UserID)
	}
	if s.Part != "" {
		c.add(s.dialect.position+`(email, ?) > 0`, s.Part)
	}
	if s.Network.IsValid() && !s.Network.IsSingleIP() {
		within := s.dialect.within
		c.parts = append(c.parts, `(`+within(c.bind, "created_by_ip", s.Network)+` OR `+within(c.bind, "used_by_ip", s.Network)+`)`)
	}
}

// open is a reset that is neither used nor revoked nor withheld.
const open = `used_at IS NULL AND revoked_at IS NULL AND withheld IS NULL`

// status adds what reset.Reset.Status decides by.
func (s search) status(c *conditions) {
	switch s.Status {
	case reset.StatusUsed:
		c.parts = append(c.parts, `used_at IS NOT NULL`)
	case reset.StatusRevoked:
		c.parts = append(c.parts, `revoked_at IS NOT NULL`)
	case reset.StatusWithheld:
		c.parts = append(c.parts, `withheld IS NOT NULL AND revoked_at IS NULL`)
	case reset.StatusExpired:
		c.add(open+` AND expires_at <= ?`, s.Now)
	case reset.StatusOpened:
		c.add(open+` AND opened_at IS NOT NULL AND expires_at > ?`, s.Now)
	case reset.StatusPending:
		c.add(open+` AND opened_at IS NULL AND account_state IS NOT NULL AND expires_at > ?`, s.Now)
	case reset.StatusReceived:
		c.add(open+` AND account_state IS NULL AND expires_at > ?`, s.Now)
	case history.MailFailed:
		c.add(`mail = ?`, reset.MailFailed)
	}
	if s.Withheld != "" {
		c.add(`withheld = ?`, s.Withheld)
	}
}
