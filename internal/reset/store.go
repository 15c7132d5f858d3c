package reset

import (
	"context"
	"time"
)

// MaxAccounts is how many accounts with one address get a link each.
const MaxAccounts = 5

// Store is the database as the life cycle needs it. Outside InTx each method is
// atomic on its own; the calls inside InTx form one transaction.
//
// Every method returns ErrUnavailable (wrapped) while the database can't be
// reached. Times are UTC and stored in microseconds.
type Store interface {
	Tx
	// InTx runs f in a transaction, which is rolled back if f returns an error.
	// It runs f again if the database aborted the transaction because of a
	// deadlock, so f must have no effect outside the transaction.
	InTx(ctx context.Context, f func(Tx) error) error
	// InBatch is InTx for writes that arrive in large numbers: those that arrive
	// together share a transaction. If one fails, each runs again in a transaction
	// of its own.
	InBatch(ctx context.Context, f func(Tx) error) error
	// TwoDatabases reports whether the accounts are in another database than the record. Then
	// the methods of Directory run outside of the transactions of InTx.
	TwoDatabases() bool
	// InAccounts runs f in a transaction of the accounts' database, like InTx. The
	// error is ErrUncertain if the commit may have succeeded.
	InAccounts(ctx context.Context, f func(Directory) error) error
}

// Tx is the operations of Store.
type Tx interface {
	Resets
	Deliveries
	Directory
	Claims
	Checks
}

// Resets is the record.
type Resets interface {
	// Insert adds a reset and its delivery, both or neither.
	Insert(ctx context.Context, r Reset, d Delivery) error
	// Reset returns the row, or ErrNotFound.
	Reset(ctx context.Context, id ID) (Reset, error)
	// ResetsByID returns the rows that exist.
	ResetsByID(ctx context.Context, ids []ID) (map[ID]Reset, error)
	// Match stores the account or the reason of received requests, and what they
	// mean for their deliveries. It returns the requests that were still received:
	// only they were changed. A delivery without a recipient is settled.
	Match(ctx context.Context, all []Queued) (map[ID]bool, error)
	// LastUses returns when each of the accounts last used a link, until the given
	// time, among the links that were requested at since or later.
	LastUses(ctx context.Context, userIDs []string, since, until time.Time) (map[string]time.Time, error)
	// RescuedSince reports whether the account used a rescue link after a time.
	RescuedSince(ctx context.Context, userID string, since time.Time) (bool, error)
	// LatestRescue returns the newest rescue of the account, or ErrNotFound.
	LatestRescue(ctx context.Context, userID string) (Reset, error)
	// PasswordSetSince reports whether an account got a new password after a time, by a
	// link or a change that queued a notice.
	PasswordSetSince(ctx context.Context, userID string, since time.Time) (bool, error)
	// Opened records the first opening; later ones change nothing.
	Opened(ctx context.Context, id ID, now time.Time, by Client) error
	// Use marks the reset as used and returns the row, or ErrNotFound if it is
	// used, revoked, withheld or expired at now. Exactly one of several
	// concurrent calls succeeds: the returned row is the permission to set the
	// password.
	Use(ctx context.Context, id ID, now time.Time, by Client) (Reset, error)
	// Revoke ends one reset if it is neither used, revoked nor withheld.
	Revoke(ctx context.Context, id ID, now time.Time, by string) error
	// RevokeAll ends all resets of an account that are live at now. A use that is
	// recorded late does not end the links that were requested after it.
	RevokeAll(ctx context.Context, userID string, now time.Time, by string) error
	// Append adds events.
	Append(ctx context.Context, all ...Event) error
	// CountUp adds one to a counter and returns it. A counter starts again when its
	// time is over; until is the end of a new one.
	CountUp(ctx context.Context, key string, now, until time.Time) (int, error)
	// ClearRequests removes a counter of requests, see Config.Requests.
	ClearRequests(ctx context.Context, counter string) error
	// ClearSignIns removes the counters of failed sign-ins of an owner, see
	// Config.SignIns, and returns how many there were.
	ClearSignIns(ctx context.Context, owner string) (int64, error)
}

// Directory is the accounts, which may belong to another application.
type Directory interface {
	// FindAccounts returns the accounts with this address, ordered by id, at
	// most MaxAccounts.
	FindAccounts(ctx context.Context, a Address) ([]Account, error)
	// FindEach is FindAccounts for several addresses. For the zero address it
	// finds no account.
	FindEach(ctx context.Context, all []Address) ([][]Account, error)
	// Account returns one account, or ErrNotFound.
	Account(ctx context.Context, id string) (Account, error)
	// SetPassword replaces a's password hash and ends its sessions, and reads the
	// account again. It returns ErrAccountChanged if the stored hash differed from
	// a's, and if the account is deleted, is no longer active or has no longer a's
	// address. It returns ErrAccounts if the account does not have the new password
	// then: a trigger hashed it again, or a column cut it off. After an error the
	// transaction must be rolled back.
	SetPassword(ctx context.Context, a Account, to NewPassword, now time.Time) error
	// EndSessions signs the account out everywhere.
	EndSessions(ctx context.Context, a Account, now time.Time) error
}
