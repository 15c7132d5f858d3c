package limit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"
)

const (
	// BrowserPurpose is the purpose of the keys of Browsers, see reset.Keys.Derive.
	BrowserPurpose = "known browser"
	// BrowserLifetime is how long a browser is known after a sign-in. Browsers keep
	// no cookie longer (RFC 6265bis, section 5.5).
	BrowserLifetime = 400 * 24 * time.Hour

	// maxKnown is how many accounts a browser is known to.
	maxKnown      = 4
	browserBytes  = 12 // of the random id
	browserTag    = 16 // 128 bits can't be guessed
	browserUntil  = browserBytes + 8
	browserPrefix = browserUntil + browserTag // the id, the end, and the MAC of the password
)

// Browsers recognises the browsers that have signed in to an account before, by a
// cookie. The cookie has one mark for each account: a random id, the end of its
// lifetime, a MAC over the password hash, and a MAC over all of these and the account. It
// names no account, and a mark is worthless for every other account and after the next
// change of the password: whoever knew an old one must not lock its owner's browsers.
type Browsers struct {
	keys [][]byte
	now  func() time.Time
}

// NewBrowsers takes the derived keys: the first marks, all verify.
func NewBrowsers(keys [][]byte, now func() time.Time) Browsers { return Browsers{keys, now} }

// Known returns the id of a browser that has signed in to the account with its present
// password, or "". The hash is looked up only for a genuine mark, so the time of an answer
// tells strangers nothing.
func (b Browsers) Known(cookie string, account Account, hash func() (string, error)) (string, error) {
	for _, mark := range marks(cookie) {
		raw, key := b.open(mark, account)
		if key == nil {
			continue
		}
		present, err := hash()
		if err != nil {
			return "", err
		}
		if hmac.Equal(raw[browserUntil:browserPrefix], proof(key, raw, present)) {
			return mark, nil
		}
	}
	return "", nil
}

// Remember returns the cookie of a browser that has just proved to know the password with
// this hash.
func (b Browsers) Remember(cookie string, account Account, hash string) string {
	raw := make([]byte, browserBytes, browserPrefix+browserTag)
	_, _ = rand.Read(raw) // never fails
	raw = binary.BigEndian.AppendUint64(raw, uint64(b.now().Add(BrowserLifetime).Unix()))
	raw = append(raw, proof(b.keys[0], raw, hash)...)
	raw = append(raw, tag(b.keys[0], raw, account)...)
	all := []string{base64.RawURLEncoding.EncodeToString(raw)}
	for _, mark := range marks(cookie) {
		if _, own := b.open(mark, account); len(all) < maxKnown && own == nil {
			all = append(all, mark)
		}
	}
	return strings.Join(all, ".")
}

// marks splits a cookie. A browser may send any text.
func marks(cookie string) []string {
	var all []string
	for mark := range strings.SplitSeq(cookie, ".") {
		if len(all) < maxKnown && len(mark) == base64.RawURLEncoding.EncodedLen(browserPrefix+browserTag) {
			all = append(all, mark)
		}
	}
	return all
}

// open returns a genuine mark of the account and its key, or no key.
func (b Browsers) open(mark string, account Account) (raw, key []byte) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(mark)
	if err != nil || len(raw) != browserPrefix+browserTag {
		return nil, nil
	}
	until := time.Unix(int64(binary.BigEndian.Uint64(raw[browserBytes:])), 0)
	for _, key := range b.keys {
		if b.now().Before(until) && hmac.Equal(raw[browserPrefix:], tag(key, raw[:browserPrefix], account)) {
			return raw, key
		}
	}
	return nil, nil
}

func tag(key, prefix []byte, account Account) []byte {
	return macOf(key, prefix, "account "+string(account))
}

func proof(key, raw []byte, hash string) []byte {
	return macOf(key, raw[:browserUntil], "password "+hash)
}

// macOf returns a MAC over a text behind bytes of a fixed length.
func macOf(key, fixed []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(fixed)
	h.Write([]byte(text))
	return h.Sum(nil)[:browserTag]
}
