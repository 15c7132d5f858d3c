package history

import (
	"net/netip"
	"time"

	"resetd/internal/reset"
)

// record is a reset with its columns' names, and what follows from them.
// What a link is made of has no place here.
type record struct {
	ID             string  `json:"id"`
	CreatedAt      *string `json:"created_at"`
	ExpiresAt      *string `json:"expires_at"`
	UserID         *string `json:"user_id"`
	Email          *string `json:"email"`
	CreatedByIP    *string `json:"created_by_ip"`
	CreatedByAgent *string `json:"created_by_agent"`
	RequestedBy    *string `json:"requested_by"`
	Withheld       *string `json:"withheld"`
	Mail           *string `json:"mail"`
	OpenedAt       *string `json:"opened_at"`
	OpenedByIP     *string `json:"opened_by_ip"`
	UsedAt         *string `json:"used_at"`
	UsedByIP       *string `json:"used_by_ip"`
	UsedByAgent    *string `json:"used_by_agent"`
	RevokedAt      *string `json:"revoked_at"`
	RevokedBy      *string `json:"revoked_by"`
	Status         string  `json:"status"`
	WasUsed        bool    `json:"was_used"`
}

var header = []string{
	"id", "created_at", "expires_at", "user_id", "email", "created_by_ip", "created_by_agent", "requested_by", "withheld", "mail",
	"opened_at", "opened_by_ip", "used_at", "used_by_ip", "used_by_agent", "revoked_at", "revoked_by", "status", "was_used",
}

func newRecord(r reset.Reset, now time.Time) record {
	return record{
		ID: r.ID.String(), CreatedAt: moment(r.CreatedAt), ExpiresAt: moment(r.ExpiresAt),
		UserID: some(r.UserID), Email: some(r.Email),
		CreatedByIP: address(r.CreatedByIP), CreatedByAgent: some(r.CreatedByAgent), RequestedBy: some(r.RequestedBy),
		Withheld: some(string(r.Withheld)), Mail: some(string(r.Mail)),
		OpenedAt: moment(r.OpenedAt), OpenedByIP: address(r.OpenedByIP),
		UsedAt: moment(r.UsedAt), UsedByIP: address(r.UsedByIP), UsedByAgent: some(r.UsedByAgent),
		RevokedAt: moment(r.RevokedAt), RevokedBy: some(r.RevokedBy),
		Status: string(r.Status(now)), WasUsed: !r.UsedAt.IsZero(),
	}
}

// some is nil, and so null, for an empty text.
func some(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// moment writes a time as RFC 3339 in UTC, to the microsecond that is stored.
func moment(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return some(t.UTC().Format("2006-01-02T15:04:05.000000Z"))
}

func address(a netip.Addr) *string {
	if !a.IsValid() {
		return nil
	}
	return some(a.String())
}
