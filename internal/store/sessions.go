package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"resetd/internal/reset"
)

// Sessions keeps sessions for package scs, by the hash of their tokens. Each row
// names its account, so that a directory's after_reset can end them all.
type Sessions struct {
	Store   *Store
	UserKey string // under which a session holds the id of its account
	Now     func() time.Time
}

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
	err := s.Store.get(ctx, &data, `SELECT data FROM reset_sessions WHERE token_hash = $1 AND expires_at > $2`, token, s.Now())
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
	user, _ := d.Values[s.UserKey].(string)
	query := `INSERT INTO reset_sessions (token_hash, user_id, data, expires_at) VALUES ($1, $2, $3, $4)`
	if loaded, ok := ctx.Value(loadedKey{}).(*string); ok && *loaded == token {
		query = `UPDATE reset_sessions SET user_id = $2, data = $3, expires_at = $4 WHERE token_hash = $1`
	}
	return s.Store.run(ctx, query, token, null(user), string(b), expiry)
}

// DeleteCtx implements scs.CtxStore.
func (s Sessions) DeleteCtx(ctx context.Context, token string) error {
	return s.Store.run(ctx, `DELETE FROM reset_sessions WHERE token_hash = $1`, token)
}

// DeleteExpired removes what no browser can use any more.
func (s Sessions) DeleteExpired(ctx context.Context) error {
	return s.Store.run(ctx, `DELETE FROM reset_sessions WHERE expires_at <= $1`, s.Now())
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
