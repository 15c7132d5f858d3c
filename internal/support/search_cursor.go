package support

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
)

// Cursors encodes positions in a search for the URLs of pages. Cursors are signed:
// a modified cursor is ignored, and the search starts at the newest row.
type Cursors struct{ key []byte }

// NewCursors requires a separate key of at least 16 bytes.
func NewCursors(key []byte) (Cursors, error) {
	if len(key) < 16 {
		return Cursors{}, errors.New("support: the key of cursors is too short")
	}
	return Cursors{key}, nil
}

const (
	cursorBytes = 8 + 16 + 8 // of After, its time and id; of Since: times as microseconds since 1970
	tagBytes    = 8          // short, because a forged cursor reveals nothing
)

func (c Cursors) tag(cursor []byte) []byte {
	h := hmac.New(sha256.New, c.key)
	h.Write(cursor)
	return h.Sum(nil)[:tagBytes]
}

func (c Cursors) encode(at history.Cursor) string {
	b := binary.BigEndian.AppendUint64(nil, micros(at.After.CreatedAt))
	b = append(b, at.After.ID[:]...)
	b = binary.BigEndian.AppendUint64(b, micros(at.Since))
	return base64.RawURLEncoding.EncodeToString(append(b, c.tag(b)...))
}

// decode returns nil for an invalid cursor.
func (c Cursors) decode(text string) *history.Cursor {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) != cursorBytes+tagBytes || !hmac.Equal(b[cursorBytes:], c.tag(b[:cursorBytes])) {
		return nil
	}
	return &history.Cursor{
		After: history.Position{CreatedAt: fromMicros(binary.BigEndian.Uint64(b)), ID: reset.ID(b[8:24])},
		Since: fromMicros(binary.BigEndian.Uint64(b[24:])),
	}
}

// micros returns microseconds since 1970; the smallest number for the zero time.
func micros(t time.Time) uint64 {
	if t.IsZero() {
		return 1 << 63
	}
	return uint64(t.UnixMicro())
}

func fromMicros(n uint64) time.Time {
	if n == 1<<63 {
		return time.Time{}
	}
	return time.UnixMicro(int64(n)).UTC()
}
