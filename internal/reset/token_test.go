package reset_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"resetd/internal/reset"
)

func keys(t testing.TB, bytes ...byte) reset.Keys {
	t.Helper()
	var all [][]byte
	for _, b := range bytes {
		all = append(all, []byte(strings.Repeat(string(rune('a'+b)), reset.MinKeyBytes)))
	}
	k, err := reset.NewKeys(all...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// PostgreSQL's char(n) adds blanks to a hash. It is still the one that was written.
func TestDigestOfAPaddedHash(t *testing.T) {
	k := keys(t, 1, 2)
	digest := k.HashDigest("$2b$12$hash")
	if !k.SameHash(digest, "$2b$12$hash   ") || k.SameHash(digest, "$2b$12$hashx") {
		t.Error("not only the same hash")
	}
}

// The form of a token is a contract: other programs may make and verify tokens.
func TestTokenIsTheIDAndItsDigest(t *testing.T) {
	id := uuid.MustParse("11111111-2222-4333-8444-555555555555")
	h := hmac.New(sha256.New, []byte(strings.Repeat("a", 32)))
	h.Write([]byte("reset link"))
	h.Write(id[:])
	want := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(append(id[:], h.Sum(nil)[:16]...)))
	if len(want) != 52 {
		t.Errorf("token: %d characters, want 52", len(want))
	}
	if got := keys(t, 0).Token(reset.PurposeResetLink, id).Encode(); got != want {
		t.Errorf("token: got %s, want %s", got, want)
	}
}

func TestTokenVerifiesUnderEachListedKey(t *testing.T) {
	id := uuid.New()
	token := keys(t, 1).Token(reset.PurposeResetLink, id).Encode()
	for name, c := range map[string]struct {
		keys    reset.Keys
		purpose reset.Purpose
		want    error
	}{
		"the signing key":  {keys(t, 1), reset.PurposeResetLink, nil},
		"an older key":     {keys(t, 2, 1), reset.PurposeResetLink, nil},
		"another key":      {keys(t, 2), reset.PurposeResetLink, reset.ErrNoLink},
		"another purpose":  {keys(t, 1), "something else", reset.ErrNoLink},
		"a purpose's part": {keys(t, 1), "reset lin", reset.ErrNoLink},
	} {
		got, err := c.keys.Verify(c.purpose, token)
		if !errors.Is(err, c.want) || (err == nil && got != id) {
			t.Errorf("%s: got %v %v, want %v", name, got, err, c.want)
		}
	}
}

func TestTokenSurvivesMailPrograms(t *testing.T) {
	k, id := keys(t, 0), uuid.New()
	good := k.Token(reset.PurposeResetLink, id).Encode()
	for name, token := range map[string]string{
		"as sent": good, "in upper case": strings.ToUpper(good), "in mixed case": strings.ToUpper(good[:20]) + good[20:],
		"a slash after it": good + "/", "a full stop": good + ".", "a comma": good + ",", "brackets": good + ">", "a closing parenthesis": good + ").",
		"a blank": good + " ", "a line break": good + "\r\n", "a square bracket": good + "]", "several": strings.ToUpper(good) + "/>.",
		"an escaped bracket": good + "&gt;", "in upper case, escaped": strings.ToUpper(good) + "&GT;", "escaped by number": good + "&#62;.", "half of it": good + "&gt",
		"quotes": good + "”", "a quotation mark": good + "\"", "emphasis": good + "**", "a zero-width space": good + "\u200b", "a no-break space": good + "\u00a0&nbsp;",
		"a question mark": good + "?", "an ellipsis": good + "…", "a tag": good + "</", "a brace": good + "}", "a semicolon": good + ";",
		"a hyphen": good + "-", "a plus sign": good + "+", "a bare ampersand": good + "&", "a soft line break": good + "=", "after a full stop": good + ".=",
		"a dash": good + "—", "a query": good + "?utm_source=mail&utm_medium=" + strings.Repeat("x", 200), "a query after &": good + "&utm_source=mail", "in HTML": good + "&amp;a=b",
		"an escaped soft line break": good + "=3D", "in lower case": good + "=3d", "an escaped blank": good + "=20", "an escaped line end": good + "=0D=0A", "a bracket and an escaped blank": good + ">=20", "an ideographic full stop": good + "。", "an ideographic bracket": good + "）」", "an escape sign": good + "%", "a hash": good + "#",
	} {
		if got, err := k.Verify(reset.PurposeResetLink, token); err != nil || got != id {
			t.Errorf("%s: got %v %v, want the id", name, got, err)
		}
	}
}

func TestChangedTokenIsNoLink(t *testing.T) {
	k := keys(t, 0)
	good := k.Token(reset.PurposeResetLink, uuid.New()).Encode()
	const letters = "abcdefghijklmnopqrstuvwxyz234567"
	last := strings.IndexByte(letters, good[len(good)-1])
	for name, token := range map[string]string{
		"empty": "", "truncated": good[:len(good)-1], "lengthened": good + "a", "a full stop before it": "." + good, "a word behind it": good + "/next", "a name of HTML in it": good[:48] + "&gt;",
		"a line break in it": good[:10] + "\n" + good[10:], "a line break for its end": good[:51] + "\n", "a line break in its place": good[:10] + "\n" + good[11:],
		"padding": good + "====", "short padding": good + "==", "escaped padding": good + "=3D=3D=3D=3D", "padding before a slash": good + "====/", "a query before its end": good[:51] + "?" + good[51:], "JSON": `{"a":1}`, "a number": "1", "long": strings.Repeat("a", 1<<20), "not ASCII": good[:50] + "ä",
		"a letter that folds to k": good[:49] + "\u212a", "pad bits": good[:51] + letters[last|1:last|1+1], "all pad bits": good[:51] + letters[last|15:last|15+1],
	} {
		if _, err := k.Verify(reset.PurposeResetLink, token); !errors.Is(err, reset.ErrNoLink) {
			t.Errorf("%s: got %v, want %v", name, err, reset.ErrNoLink)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(0, len(good)-1).Draw(t, "at")
		char := rapid.SampledFrom([]byte(letters+"0189-_=.")).Draw(t, "char")
		if good[at] == char || at == len(good)-1 && strings.Contains(".", string(char)) {
			return
		}
		if _, err := k.Verify(reset.PurposeResetLink, good[:at]+string(char)+good[at+1:]); !errors.Is(err, reset.ErrNoLink) {
			t.Fatalf("character %d changed: got %v, want %v", at, err, reset.ErrNoLink)
		}
	})
}

func TestTokenAndKeysNeverPrint(t *testing.T) {
	k := keys(t, 0)
	token := k.Token(reset.PurposeResetLink, uuid.New())
	account := reset.Account{ID: "7", Email: "user@example.org", PasswordHash: "$argon2id$secret"}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "token", token, "keys", k)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "token", token, "keys", k, "account", account)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		_, _ = fmt.Fprintf(&log, verb+verb+verb, token, k, account)
	}
	_, _ = fmt.Fprint(&log, []any{token, k, account})
	for _, secret := range []string{token.Encode(), "aaaa", "6161", "97 97", "user@example.org", "argon2id"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%q is in %s", secret, log.String())
		}
	}
}

func TestKeysMustBeLong(t *testing.T) {
	for _, bad := range [][][]byte{nil, {[]byte("short")}, {bytes.Repeat([]byte("a"), 32), []byte("short")}} {
		if _, err := reset.NewKeys(bad...); err == nil {
			t.Errorf("%d keys were accepted: %q", len(bad), bad)
		}
	}
}

// The derived keys are a contract: sealed secrets must open after an update.
func TestDerivedKeysAreIndependent(t *testing.T) {
	all := keys(t, 0, 1).Derive("a purpose", 32)
	if len(all) != 2 {
		t.Fatalf("got %d derived keys, want 2", len(all))
	}
	// The two steps of HKDF (RFC 5869). Without a salt, the salt is zeros.
	step := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	want := step(step(make([]byte, 32), strings.Repeat("a", 32)), "a purpose\x01")
	if !bytes.Equal(all[0], want) {
		t.Errorf("got %x, want %x", all[0], want)
	}
	others := [][]byte{all[1], keys(t, 0).Derive("another", 32)[0], []byte(strings.Repeat("a", 32)), keys(t, 0).Derive("a purpose", 64)[0][32:]}
	for i, other := range others {
		if bytes.Equal(all[0], other) {
			t.Errorf("derived key equals other key %d", i)
		}
	}
}

// Neither a link in an encoded URL nor one in upper case keeps its secret, and other texts stay.
func TestTokensArePastedAsIDs(t *testing.T) {
	keys, err := reset.NewKeys(make([]byte, reset.MinKeyBytes))
	if err != nil {
		t.Fatal(err)
	}
	id := uuid.New()
	token := keys.Token(reset.PurposeResetLink, id).Encode()
	long := strings.Repeat("walrus", 12) + "@example.org"
	for text, want := range map[string]string{
		token:                                 id.String(),
		strings.ToUpper(token):                id.String(),
		"/support?q=%2Fconfirm%2F" + token:    "/support?q=%2Fconfirm%2F" + id.String(),
		"see " + token + "and " + token + ".": "see " + id.String() + "and " + id.String() + ".",
		token[1:]:                             token[1:], // it opens nothing
		long:                                  long,
		"":                                    "",
	} {
		if got := reset.NameTokens(text); got != want {
			t.Errorf("NameTokens(%q) = %q, want %q", text, got, want)
		}
	}
}
