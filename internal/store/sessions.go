package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// Sessions stores the sessions of users or of staff for package scs, by the hash
// of their tokens. Each row names its owner, so all sessions of one owner can be
// ended, for example by a directory's after_reset.
type Sessions struct {
	Store    *Store
	Table    SessionTable
	OwnerKey string // of the session value that is the owner's id
	Now      func() time.Time
}

// SessionTable is a table of sessions. A session of one table is not valid in the
// other.
type SessionTable struct{ name, owner string }

// The tables.
var (
	UserSessions  = SessionTable{"reset_sessions", "user_id"}
	StaffSessions = SessionTable{"reset_staff_sessions", "staff_id"}
)

// sessionGrain is how much later the end of an unchanged session has to be to be
// written: a page that is only read does not wait for the disk each time.
const sessionGrain = time.Minute

// loadedKey is the context key of the session that a request came with.
type loadedKey struct{}

// TrackSession makes Sessions remember the session that a request came with. If
// that session is ended during the request, CommitCtx must not insert it again. A
// session that the request began is inserted.
func TrackSession(ctx context.Context) context.Context {
	return context.WithValue(ctx, loadedKey{}, new(string))
}

// SessionCodec encodes a session as JSON, so the store can read its values.
type SessionCodec struct{}

type sessionData struct {
	Deadline time.Time      `json:"deadline"`
	Values   map[string]any `json:"values"`
}

// Encode implements scs.Codec.
func (SessionCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	return json.Marshal(sessionData{deadline, values})
}

// Decode implements scs.Codec.
func (SessionCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	var d sessionData
	err := json.Unmarshal(b, &d)
	return d.Deadline, d.Values, err
}

// FindCtx implements scs.CtxStore.
func (s Sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var data string
	err := s.Store.Get(ctx, &data, `SELECT data FROM `+s.Table.name+` WHERE token_hash = $1 AND expires_at > $2`, token, s.Now())
	if errors.Is(err, reset.ErrNotFound) {
		return nil, false, nil
	}
	if loaded, ok := ctx.Value(loadedKey{}).(*string); ok && err == nil {
		*loaded = token
	}
	return []byte(data), err == nil, err
}

// CommitCtx implements scs.CtxStore.
func (s Sessions) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	var d sessionData
	if err := json.Unmarshal(b, &d); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	owner, _ := d.Values[s.OwnerKey].(string)
	query := `INSERT INTO ` + s.Table.name + ` (token_hash, ` + s.Table.owner + `, data, expires_at) VALUES ($1, $2, $3, $4)`
	args := []any{token, sqldb.Null(owner), string(b), expiry}
	if loaded, ok := ctx.Value(loadedKey{}).(*string); ok && *loaded == token {
		query = `UPDATE ` + s.Table.name + ` SET ` + s.Table.owner + ` = $2, data = $3, expires_at = $4 WHERE token_hash = $1 AND NOT (data = $3 AND expires_at BETWEEN $5 AND $4)`
		args = append(args, expiry.Add(-sessionGrain))
	}
	return s.Store.Run(ctx, query, args...)
}

// Begun returns when the open sessions of an owner began, if each lasts no longer than
// lifetime, the newest first.
func (s Sessions) Begun(ctx context.Context, owner string, lifetime time.Duration) (begun []time.Time, err error) {
	var all []string
	if err := s.Store.List(ctx, &all, `SELECT data FROM `+s.Table.name+` WHERE `+s.Table.owner+` = $1 AND expires_at > $2`, owner, s.Now()); err != nil {
		return nil, err
	}
	for _, data := range all {
		deadline, _, err := SessionCodec{}.Decode([]byte(data))
		if err != nil {
			return nil, fmt.Errorf("session: %w", err)
		}
		begun = append(begun, deadline.Add(-lifetime).UTC())
	}
	slices.SortFunc(begun, func(a, b time.Time) int { return b.Compare(a) })
	return begun, nil
}

// DeleteCtx implements scs.CtxStore.
func (s Sessions) DeleteCtx(ctx context.Context, token string) error {
	return s.Store.Run(ctx, `DELETE FROM `+s.Table.name+` WHERE token_hash = $1`, token)
}

// DeleteExpired removes expired sessions.
func (s Sessions) DeleteExpired(ctx context.Context) error {
	return s.Store.Run(ctx, `DELETE FROM `+s.Table.name+` WHERE expires_at <= $1`, s.Now())
}

// Find, Commit and Delete complete scs.Store; scs calls the methods with a context.

// Find implements scs.Store.
func (s Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit implements scs.Store.
func (s Sessions) Commit(token string, b []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, b, expiry)
}

// Delete implements scs.Store.
func (s Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
