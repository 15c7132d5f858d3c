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

// Cursors write positions into addresses of pages. They are signed, so that one
// that was tampered with starts over and leads nowhere odd.
type Cursors struct{ key []byte }

// NewCursors wants a key of its own, of at least 16 bytes.
func NewCursors(key []byte) (Cursors, error) {
	if len(key) < 16 {
		return Cursors{}, errors.New("support: the key of cursors is too short")
	}
	return Cursors{key}, nil
}

const (
	positionBytes = 8 + 16 // microseconds since 1970, id
	tagBytes      = 8      // a search gives nothing away: enough against chance and play
)

func (c Cursors) tag(position []byte) []byte {
	h := hmac.New(sha256.New, c.key)
	h.Write(position)
	return h.Sum(nil)[:tagBytes]
}

func (c Cursors) encode(p history.Position) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(p.CreatedAt.UnixMicro()))
	b = append(b, p.ID[:]...)
	return base64.RawURLEncoding.EncodeToString(append(b, c.tag(b)...))
}

// decode returns the beginning for what is no cursor of ours.
func (c Cursors) decode(text string) history.Position {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) != positionBytes+tagBytes || !hmac.Equal(b[positionBytes:], c.tag(b[:positionBytes])) {
		return history.Position{}
	}
	micros := int64(binary.BigEndian.Uint64(b))
	return history.Position{CreatedAt: time.UnixMicro(micros).UTC(), ID: reset.ID(b[8:positionBytes])}
}
