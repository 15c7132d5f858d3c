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

// Address is an email address that somebody typed, in the forms it is compared
// in. Mail never goes to it: mail goes to the address that the account has.
type Address struct {
	Typed  string // without surrounding blanks
	Folded string // NFKC and case-folded
	Normal string // NFC, local part in lower case, domain in lower-case A-labels: for the record
}

// ParseAddress reads what was typed, or returns ErrAddress.
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

// plausible accepts one bare address: no name, no brackets, no comment, no list,
// no quoted local part, nothing that could end a header line.
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

// domains is how RFC 5891 looks names up, with the lengths of the DNS enforced.
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// split returns the local part as it is, and the domain in lower-case A-labels
// (RFC 5891).
func split(s string) (local, domain string, ok bool) {
	at := strings.LastIndexByte(s, '@')
	if at < 1 {
		return "", "", false
	}
	domain, err := domains.ToASCII(s[at+1:])
	return s[:at], strings.ToLower(domain), err == nil
}

// Matches tells whether an account's stored address is the one asked for: equal
// after NFKC and case folding, domains compared as A-labels. A letter that only
// looks like another one (a dotless i) is another address.
func (a Address) Matches(stored string) bool {
	return Canonical(a.Typed) == Canonical(stored)
}

// Canonical is the form in which addresses are compared. It accepts any text, so
// that the limits can count attempts that are not an address.
func Canonical(address string) string {
	address = strings.TrimSpace(address)
	if local, domain, ok := split(address); ok {
		return fold(local) + "@" + domain
	}
	return fold(address)
}

func fold(s string) string {
	// Folding can leave a form that is not NFKC any more.
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
}
