package limit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
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
	browserPrefix = browserBytes + 8
)

// Browsers recognises the browsers that have signed in to an account before, by a
// cookie. The cookie has one mark for each account: a random id, the end of its
// lifetime, and a MAC over these and the account. It names no account, and a mark is
// worthless for every other account.
type Browsers struct {
	keys [][]byte
	now  func() time.Time
}

// NewBrowsers takes the derived keys: the first marks, all verify.
func NewBrowsers(keys [][]byte, now func() time.Time) Browsers { return Browsers{keys, now} }

// Known returns the id of a browser that has signed in to the account, or "".
func (b Browsers) Known(cookie string, account Account) string {
	for _, mark := range marks(cookie) {
		if b.valid(mark, account) {
			return mark
		}
	}
	return ""
}

// Remember returns the cookie of a browser that has just signed in to the account.
func (b Browsers) Remember(cookie string, account Account) string {
	raw := make([]byte, browserBytes, browserPrefix+browserTag)
	_, _ = rand.Read(raw) // never fails
	raw = binary.BigEndian.AppendUint64(raw, uint64(b.now().Add(BrowserLifetime).Unix()))
	raw = append(raw, b.tag(b.keys[0], raw, account)...)
	all := []string{base64.RawURLEncoding.EncodeToString(raw)}
	for _, mark := range marks(cookie) {
		if len(all) < maxKnown && !b.valid(mark, account) {
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

func (b Browsers) valid(mark string, account Account) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(mark)
	if err != nil || len(raw) != browserPrefix+browserTag {
		return false
	}
	until := time.Unix(int64(binary.BigEndian.Uint64(raw[browserBytes:])), 0)
	return b.now().Before(until) && slices.ContainsFunc(b.keys, func(key []byte) bool {
		return hmac.Equal(raw[browserPrefix:], b.tag(key, raw[:browserPrefix], account))
	})
}

func (Browsers) tag(key, prefix []byte, account Account) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(prefix) // of a fixed length
	h.Write([]byte(account))
	return h.Sum(nil)[:browserTag]
}
