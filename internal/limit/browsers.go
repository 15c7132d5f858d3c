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
	browserUntil  = browserBytes + 8
	browserPrefix = browserUntil + browserTag // the id, the end, and the group
)

// Browsers recognises the browsers that have signed in to an account before, by a
// cookie. The cookie has one mark for each account: a random id, the end of its
// lifetime, the browser's group, and a MAC over these and the account. It names no
// account, and a mark is worthless for every other account.
type Browsers struct {
	keys [][]byte
	now  func() time.Time
}

// NewBrowsers takes the derived keys: the first marks, all verify.
func NewBrowsers(keys [][]byte, now func() time.Time) Browsers { return Browsers{keys, now} }

// Browser is a browser that has signed in to an account before; zero for any other. All
// browsers that signed in with one password are a group, which shares a limit. Whoever
// knew an old password, and signed in from many browsers, can't lock those that have
// signed in with a newer one.
type Browser struct{ id, group string }

// Known returns the browser, if it has signed in to the account.
func (b Browsers) Known(cookie string, account Account) Browser {
	for _, mark := range marks(cookie) {
		if raw := b.open(mark, account); raw != nil {
			return Browser{id: mark, group: base64.RawURLEncoding.EncodeToString(raw[browserUntil:browserPrefix])}
		}
	}
	return Browser{}
}

// Remember returns the cookie of a browser that has just proved to know the password with
// this hash.
func (b Browsers) Remember(cookie string, account Account, hash string) string {
	raw := make([]byte, browserBytes, browserPrefix+browserTag)
	_, _ = rand.Read(raw) // never fails
	raw = binary.BigEndian.AppendUint64(raw, uint64(b.now().Add(BrowserLifetime).Unix()))
	raw = append(raw, macOf(b.keys[0], "password "+hash)...)
	raw = append(raw, tag(b.keys[0], raw, account)...)
	all := []string{base64.RawURLEncoding.EncodeToString(raw)}
	for _, mark := range marks(cookie) {
		if len(all) < maxKnown && b.open(mark, account) == nil {
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

// open returns what a genuine mark of the account contains, or nil.
func (b Browsers) open(mark string, account Account) []byte {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(mark)
	if err != nil || len(raw) != browserPrefix+browserTag {
		return nil
	}
	until := time.Unix(int64(binary.BigEndian.Uint64(raw[browserBytes:])), 0)
	genuine := slices.ContainsFunc(b.keys, func(key []byte) bool {
		return hmac.Equal(raw[browserPrefix:], tag(key, raw[:browserPrefix], account))
	})
	if !genuine || !b.now().Before(until) {
		return nil
	}
	return raw
}

// tag is the MAC over a mark, whose prefix has a fixed length, and its account.
func tag(key, prefix []byte, account Account) []byte {
	return macOf(key, "mark "+string(prefix)+string(account))
}

func macOf(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)[:browserTag]
}
