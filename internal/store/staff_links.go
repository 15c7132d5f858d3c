package store

import (
	"context"
	"time"

	"resetd/internal/reset"
	"resetd/internal/staff"
)

// MemberByLink implements staff.Store.
func (s *Store) MemberByLink(ctx context.Context, id reset.ID) (staff.Member, error) {
	return s.memberWhere(ctx, `link_id = $1`, id)
}

// SetMemberLink implements staff.Store. A member has one link, so this ends the one
// before.
func (s *Store) SetMemberLink(ctx context.Context, id, link reset.ID, until time.Time) error {
	return s.ExecOne(ctx, `
		UPDATE reset_staff SET link_id = $2, link_expires_at = $3, link_used_at = NULL WHERE id = $1 AND active`, id, link, until)
}

// UseMemberLink implements staff.Store. The changed row is the permission.
func (s *Store) UseMemberLink(ctx context.Context, link reset.ID, now time.Time, c staff.Credentials) error {
	return s.inTx(ctx, func(q queries) error {
		var id reset.ID
		err := q.Get(ctx, &id, `
			UPDATE reset_staff SET link_used_at = $2, password_hash = $3, totp = $4, totp_step = $5
			WHERE link_id = $1 AND link_used_at IS NULL AND link_expires_at > $2 AND active
			RETURNING id`, link, now, c.PasswordHash, c.TOTP, c.Step)
		if err != nil {
			return err
		}
		if err := q.signOutMember(ctx, id); err != nil {
			return err
		}
		_, err = q.ClearSignIns(ctx, c.SignIns)
		return err
	})
}
