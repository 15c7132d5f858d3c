package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// Sessions keeps the sessions of one kind of people for package scs, by the hash
// of their tokens. Each row names whose it is, so that all of somebody's can be
// ended, by a directory's after_reset for one.
type Sessions struct {
	Store    *Store
	Table    SessionTable
	OwnerKey string // under which a session holds the id of its owner
	Now      func() time.Time
}

// SessionTable is where sessions of a kind are: a session of one table is none
// of another.
type SessionTable struct{ name, owner string }

// The tables.
var (
	UserSessions  = SessionTable{"reset_sessions", "user_id"}
	StaffSessions = SessionTable{"reset_staff_sessions", "staff_id"}
)

// loadedKey is where a request's context notes the session that it came with.
type loadedKey struct{}

// TrackSession lets the sessions of a request tell one that it came with from
// one that it began. The first must not be written back once it was ended
// elsewhere meanwhile.
func TrackSession(ctx context.Context) context.Context {
	return context.WithValue(ctx, loadedKey{}, new(string))
}

// SessionCodec writes a session as JSON, which the store can look into.
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
	if loaded, ok := ctx.Value(loadedKey{}).(*string); ok && *loaded == token {
		query = `UPDATE ` + s.Table.name + ` SET ` + s.Table.owner + ` = $2, data = $3, expires_at = $4 WHERE token_hash = $1`
	}
	return s.Store.Run(ctx, query, token, sqldb.Null(owner), string(b), expiry)
}

// DeleteCtx implements scs.CtxStore.
func (s Sessions) DeleteCtx(ctx context.Context, token string) error {
	return s.Store.Run(ctx, `DELETE FROM `+s.Table.name+` WHERE token_hash = $1`, token)
}

// DeleteExpired removes what no browser can use any more.
func (s Sessions) DeleteExpired(ctx context.Context) error {
	return s.Store.Run(ctx, `DELETE FROM `+s.Table.name+` WHERE expires_at <= $1`, s.Now())
}

// Find, Commit and Delete complete scs.Store; scs calls those with a context.

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
