package reset

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// The longest address and local part, in bytes (RFC 5321, section 4.5.3.1).
const (
	maxAddress   = 254
	maxLocalPart = 64
)

// Address is an email address that somebody typed, in its forms for comparison.
// Email is never sent to it, only to the address stored with the account.
type Address struct {
	Typed  string // without surrounding blanks
	Folded string // NFKC and case-folded
	Normal string // NFC, local part in lower case, domain in lower-case A-labels: for the record
}

// ParseAddress parses the typed text, or returns ErrAddress.
func ParseAddress(typed string) (Address, error) {
	typed = strings.TrimSpace(typed)
	if !plausible(typed) {
		return Address{}, ErrAddress
	}
	local, domain, ok := split(typed)
	if !ok || len(local) > maxLocalPart {
		return Address{}, ErrAddress
	}
	normal := strings.ToLower(norm.NFC.String(local)) + "@" + domain
	if len(normal) > maxAddress {
		return Address{}, ErrAddress
	}
	return Address{Typed: typed, Folded: fold(typed), Normal: normal}, nil
}

// plausible accepts one bare address. It refuses names, brackets, comments, lists,
// quoted local parts and characters that could end a header line.
func plausible(s string) bool {
	if len(s) > maxAddress || !utf8.ValidString(s) || strings.ContainsAny(s, "\"\\(),:;<>[]`") {
		return false
	}
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) {
		return false
	}
	parsed, err := mail.ParseAddress(s)
	return err == nil && parsed.Name == "" && parsed.Address == s
}

// domains converts names for a lookup (RFC 5891) and enforces the DNS lengths.
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// split returns the local part unchanged and the domain in lower-case A-labels
// (RFC 5891).
func split(s string) (local, domain string, ok bool) {
	at := strings.LastIndexByte(s, '@')
	if at < 1 {
		return "", "", false
	}
	domain, err := domains.ToASCII(s[at+1:])
	return s[:at], strings.ToLower(domain), err == nil
}

// Matches reports whether an account's stored address equals the typed one after
// NFKC and case folding, with domains compared as A-labels. Letters that only look
// similar (i and dotless i) are different.
func (a Address) Matches(stored string) bool {
	return Canonical(a.Typed) == Canonical(stored)
}

// Canonical returns the form in which addresses are compared. It accepts any text,
// so the limits can also count attempts with malformed addresses.
func Canonical(address string) string {
	address = strings.TrimSpace(address)
	if local, domain, ok := split(address); ok {
		return fold(local) + "@" + domain
	}
	return fold(address)
}

func fold(s string) string {
	// The result of case folding may not be in NFKC.
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
}
