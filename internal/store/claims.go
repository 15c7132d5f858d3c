package store

import (
	"context"
	"time"

	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// insertClaim inserts a claim for each row of its FROM: of a link that is alive, or a
// notice that can be denied. An index permits one held claim for each of them.
const (
	insertClaim = `
		INSERT INTO reset_claims (id, claimed_at, reset_id, notice_id, user_id, ip, agent, old_hash, new_hash, held_until, keep_until)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM `
	claimLink   = insertClaim + `password_resets WHERE id = $3 AND ` + live + ` ON CONFLICT DO NOTHING`
	claimNotice = insertClaim + `reset_deliveries WHERE id = $4 AND ` + deniable + ` ON CONFLICT DO NOTHING`

	sameTarget = `(reset_id = $1 OR notice_id = $2)`
)

// AddClaim implements reset.Claims. Call it inside InTx.
func (q queries) AddClaim(ctx context.Context, c reset.Claim) error {
	if err := q.Run(ctx, `UPDATE reset_claims SET held_until = NULL WHERE `+sameTarget+` AND held_until <= $3`, c.ResetID, c.NoticeID, c.At); err != nil {
		return err
	}
	insert := claimLink
	if c.ResetID == (reset.ID{}) {
		insert = claimNotice
	}
	n, err := q.Exec(ctx, insert, c.ID, c.At, c.ResetID, c.NoticeID, c.UserID, c.By.IP, c.By.Agent, c.OldHash, c.NewHash, c.HeldUntil, c.KeepUntil)
	if err != nil || n > 0 {
		return err
	}
	var held int
	err = q.Get(ctx, &held, `SELECT count(*) FROM reset_claims WHERE `+sameTarget+` AND held_until IS NOT NULL`, c.ResetID, c.NoticeID)
	switch {
	case err != nil:
		return err
	case held > 0:
		return reset.ErrClaimed
	default:
		return reset.ErrNotFound
	}
}

// ClaimsOf implements reset.Claims.
func (q queries) ClaimsOf(ctx context.Context, userID string) ([]reset.Claim, error) {
	return q.Claims(ctx, `SELECT `+sqldb.ClaimColumns+` FROM reset_claims WHERE user_id = $1`, userID)
}

// LeftClaims implements reset.Claims.
func (q queries) LeftClaims(ctx context.Context, now time.Time) ([]reset.Claim, error) {
	return q.Claims(ctx, `SELECT `+sqldb.ClaimColumns+` FROM reset_claims WHERE held_until IS NULL OR held_until <= $1`, now)
}

// ReleaseClaim implements reset.Claims.
func (q queries) ReleaseClaim(ctx context.Context, id reset.ID) error {
	return q.Run(ctx, `UPDATE reset_claims SET held_until = NULL WHERE id = $1`, id)
}

// RemoveClaim implements reset.Claims.
func (q queries) RemoveClaim(ctx context.Context, id reset.ID) error {
	return q.ExecOne(ctx, `DELETE FROM reset_claims WHERE id = $1`, id)
}

// DropRivals implements reset.Claims.
func (q queries) DropRivals(ctx context.Context, c reset.Claim) error {
	return q.Run(ctx, `DELETE FROM reset_claims WHERE user_id = $1 AND old_hash = $2`, c.UserID, c.OldHash)
}

// UseClaimed implements reset.Claims.
func (q queries) UseClaimed(ctx context.Context, c reset.Claim) error {
	return q.Run(ctx, `
		UPDATE password_resets SET used_at = $2, used_by_ip = $3, used_by_agent = $4, revoked_at = NULL, revoked_by = NULL
		WHERE id = $1 AND used_at IS NULL`, c.ResetID, c.At, address(c.By.IP), c.By.Agent)
}
