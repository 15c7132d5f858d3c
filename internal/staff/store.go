package staff

import (
	"context"
	"time"

	"resetd/internal/reset"
)

// Store stores members and the audit.
type Store interface {
	// Member returns a member by name, ignoring case, or reset.ErrNotFound.
	Member(ctx context.Context, name string) (Member, error)
	// MemberByID returns a member, or reset.ErrNotFound.
	MemberByID(ctx context.Context, id reset.ID) (Member, error)
	// Members returns all members by name.
	Members(ctx context.Context) ([]Member, error)
	// AddMember adds a member, or returns ErrTaken.
	AddMember(ctx context.Context, m Member) error

	// Each of the following methods changes one property only, so concurrent
	// changes are not lost. They return reset.ErrNotFound if there is no such
	// member.

	// SetMemberRole also applies to existing sessions. It returns ErrLastAdmin instead
	// of changing the last active admin who has a password, also if two of them are
	// changed at the same time.
	SetMemberRole(ctx context.Context, id reset.ID, role Role) error
	// SetMemberPassword ends the member's sessions, and removes the counters of
	// failed sign-ins of an owner.
	SetMemberPassword(ctx context.Context, id reset.ID, hash, signIns string) error
	// SetMemberTOTP stores a new sealed secret, with the step of the code that confirmed
	// it, and ends the member's sessions.
	SetMemberTOTP(ctx context.Context, id reset.ID, sealed string, step int64) error
	// SetMemberActive ends the member's sessions and link if active is false. It
	// returns ErrLastAdmin as SetMemberRole does.
	SetMemberActive(ctx context.Context, id reset.ID, active bool) error
	// SetMemberLink replaces the link of an active member.
	SetMemberLink(ctx context.Context, id, link reset.ID, until time.Time) error

	// MemberBySubject returns the member of a subject of OpenID Connect, or
	// reset.ErrNotFound.
	MemberBySubject(ctx context.Context, issuer, subject string) (Member, error)
	// MemberByLink returns the member whose newest link has this id, or
	// reset.ErrNotFound.
	MemberByLink(ctx context.Context, link reset.ID) (Member, error)
	// UseMemberLink stores the credentials if the link works at now, and ends the
	// member's sessions. Of several concurrent calls with a link, exactly one returns
	// nil; the others return reset.ErrNotFound.
	UseMemberLink(ctx context.Context, link reset.ID, now time.Time, c Credentials) error

	// TakeStep stores a time step as used, and the newly sealed secret. If several
	// concurrent calls have the same step, exactly one returns true. It returns
	// false if the step is not above the last one, or if the member's secret has
	// changed.
	TakeStep(ctx context.Context, m Member, step int64, sealed string) (bool, error)
	// CountUp adds one to a counter and returns it, see reset.Resets.
	CountUp(ctx context.Context, key string, now, until time.Time) (int, error)
	// Record adds an entry in a separate transaction.
	Record(ctx context.Context, e Entry) error
	// Audit returns the newest entries of a search.
	Audit(ctx context.Context, q Search) ([]Entry, error)
	// CountUnverified counts the actions for callers who were not verified, from since
	// on and before until, without those that were refused or failed.
	CountUnverified(ctx context.Context, since, until time.Time) (int, error)
	// ActionsOn returns the n newest entries about the targets that have a reason,
	// from since on and before until. A zero time is no bound.
	ActionsOn(ctx context.Context, targets []string, since, until time.Time, n int) ([]Entry, error)
	// Notes returns the n newest notes about an account.
	Notes(ctx context.Context, userID string, n int) ([]Entry, error)
}
