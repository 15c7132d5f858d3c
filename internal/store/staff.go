package store

import (
	"context"
	"errors"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/store/sqldb"
)

var _ staff.Store = (*Store)(nil)

const memberColumns = `id, name, role, password_hash, totp, totp_step, active, created_at, link_id, link_expires_at, link_used_at, oidc_issuer, oidc_subject`

func memberFields(m *staff.Member) []any {
	return []any{
		&m.ID, &m.Name, &m.Role, &m.PasswordHash, &m.TOTP, &m.TOTPStep, &m.Active, &m.CreatedAt,
		&m.Link.ID, &m.Link.ExpiresAt, &m.Link.UsedAt, &m.Issuer, &m.Subject,
	}
}

// memberWhere returns the member of a condition, or reset.ErrNotFound.
func (s *Store) memberWhere(ctx context.Context, condition string, args ...any) (staff.Member, error) {
	return sqldb.One(ctx, s.DB, memberFields, `SELECT `+memberColumns+` FROM reset_staff WHERE `+condition, args...)
}

// Member implements staff.Store. Names are ASCII, so lower() gives the same result
// in both databases.
func (s *Store) Member(ctx context.Context, name string) (staff.Member, error) {
	return s.memberWhere(ctx, `lower(name) = lower($1)`, name)
}

// MemberByID implements staff.Store.
func (s *Store) MemberByID(ctx context.Context, id reset.ID) (staff.Member, error) {
	return s.memberWhere(ctx, `id = $1`, id)
}

// MemberBySubject implements staff.Store.
func (s *Store) MemberBySubject(ctx context.Context, issuer, subject string) (staff.Member, error) {
	return s.memberWhere(ctx, `oidc_issuer = $1 AND oidc_subject = $2`, issuer, subject)
}

// Members implements staff.Store.
func (s *Store) Members(ctx context.Context) ([]staff.Member, error) {
	return sqldb.All(ctx, s.DB, memberFields, `SELECT `+memberColumns+` FROM reset_staff ORDER BY lower(name)`)
}

// AddMember implements staff.Store.
func (s *Store) AddMember(ctx context.Context, m staff.Member) error {
	err := s.Run(ctx, `
		INSERT INTO reset_staff (`+memberColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		m.ID, m.Name, m.Role, sqldb.Null(m.PasswordHash), sqldb.Null(m.TOTP), m.TOTPStep, m.Active, m.CreatedAt,
		m.Link.ID, m.Link.ExpiresAt, m.Link.UsedAt, sqldb.Null(m.Issuer), sqldb.Null(m.Subject))
	if errors.Is(err, sqldb.ErrDuplicate) {
		return staff.ErrTaken
	}
	return err
}

// SetMemberRole implements staff.Store.
func (s *Store) SetMemberRole(ctx context.Context, id reset.ID, role staff.Role) error {
	const query = `UPDATE reset_staff SET role = $2 WHERE id = $1`
	if role == staff.Admin {
		return s.changeMember(ctx, query, id, role)
	}
	return s.changeButTheLastAdmin(ctx, query, id, role)
}

// SetMemberPassword implements staff.Store.
func (s *Store) SetMemberPassword(ctx context.Context, id reset.ID, hash, signIns string) error {
	return s.inTx(ctx, func(q queries) error {
		if err := q.changeAndSignOut(ctx, `UPDATE reset_staff SET password_hash = $2 WHERE id = $1`, id, hash); err != nil {
			return err
		}
		_, err := q.ClearSignIns(ctx, signIns)
		return err
	})
}

// SetMemberTOTP implements staff.Store.
func (s *Store) SetMemberTOTP(ctx context.Context, id reset.ID, sealed string, step int64) error {
	return s.inTx(ctx, func(q queries) error {
		return q.changeAndSignOut(ctx, `UPDATE reset_staff SET totp = $2, totp_step = $3 WHERE id = $1`, id, sqldb.Null(sealed), step)
	})
}

// SetMemberActive implements staff.Store.
func (s *Store) SetMemberActive(ctx context.Context, id reset.ID, active bool) error {
	if active {
		return s.changeMember(ctx, `UPDATE reset_staff SET active = $2 WHERE id = $1`, id, active)
	}
	return s.inTx(ctx, func(q queries) error {
		err := q.changeButTheLastAdmin(ctx, `
			UPDATE reset_staff SET active = $2, link_id = NULL, link_expires_at = NULL, link_used_at = NULL WHERE id = $1`, id, active)
		if err != nil {
			return err
		}
		return q.signOutMember(ctx, id)
	})
}

// changeButTheLastAdmin runs a change unless the member is the last admin who can sign
// in. The statement locks all admins in one order before it counts them, so of two
// admins who end each other's role at the same time, the second is refused.
func (q queries) changeButTheLastAdmin(ctx context.Context, change string, id reset.ID, value any) error {
	err := q.changeMember(ctx, `
		WITH admins AS (
			SELECT id FROM reset_staff WHERE role = 'admin' AND active AND password_hash IS NOT NULL ORDER BY id`+q.Dialect.Lock+`
		)`+change+` AND (
			role <> 'admin' OR NOT active OR password_hash IS NULL OR EXISTS (SELECT 1 FROM admins WHERE admins.id <> $1)
		)`, id, value)
	if !errors.Is(err, reset.ErrNotFound) {
		return err
	}
	var n int
	if err := q.Get(ctx, &n, `SELECT count(*) FROM reset_staff WHERE id = $1`, id); err != nil {
		return err
	}
	if n > 0 {
		return staff.ErrLastAdmin
	}
	return err
}

// changeAndSignOut changes a member and ends their sessions.
func (q queries) changeAndSignOut(ctx context.Context, query string, id reset.ID, values ...any) error {
	if err := q.changeMember(ctx, query, id, values...); err != nil {
		return err
	}
	return q.signOutMember(ctx, id)
}

func (q queries) signOutMember(ctx context.Context, id reset.ID) error {
	return q.Run(ctx, `DELETE FROM reset_staff_sessions WHERE staff_id = $1`, id)
}

func (q queries) changeMember(ctx context.Context, query string, id reset.ID, values ...any) error {
	return q.ExecOne(ctx, query, append([]any{id}, values...)...)
}

// TakeStep implements staff.Store. A changed row is the permission to sign in.
func (s *Store) TakeStep(ctx context.Context, m staff.Member, step int64, sealed string) (bool, error) {
	n, err := s.Exec(ctx, `UPDATE reset_staff SET totp_step = $2, totp = $4 WHERE id = $1 AND totp_step < $2 AND totp = $3`, m.ID, step, m.TOTP, sealed)
	return n == 1, err
}
