package sqldb

import (
	"context"

	"resetd/internal/reset"
)

// ClaimColumns lists the columns of a claim.
const ClaimColumns = `id, reset_id, notice_id, user_id, claimed_at, ip, agent, old_hash, new_hash, held_until, keep_until`

// claimFields returns the fields of ClaimColumns, in the same order.
func claimFields(c *reset.Claim) []any {
	return []any{
		&c.ID, &c.ResetID, &c.NoticeID, &c.UserID, &c.At, &c.By.IP, &c.By.Agent, &c.OldHash, &c.NewHash, &c.HeldUntil, &c.KeepUntil,
	}
}

// Claims reads the rows of a query for ClaimColumns.
func (db DB) Claims(ctx context.Context, query string, args ...any) ([]reset.Claim, error) {
	return scanAll(ctx, db, claimFields, query, args)
}
