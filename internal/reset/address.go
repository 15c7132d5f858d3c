package reset

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// MaxAddress is the length of the longest address, in bytes (RFC 5321, section
// 4.5.3.1.3: a path has 256, two of which are brackets). Longer texts are neither
// folded nor converted, because that takes time.
const MaxAddress = 254

// Address is an email address that somebody typed, in its forms for comparison.
// Email is never sent to it, only to the address stored with the account.
type Address struct {
	Typed  string // without invisible characters at its ends
	Folded string // NFKC and case-folded, domain in Unicode
	Normal string // NFC, local part in lower case, domain in lower-case A-labels: for the record
}

// ParseAddress parses the typed text, or returns ErrAddress. It accepts every text that
// an application may have stored as an address: something, an @, something, without
// control characters. Whether email can be sent to it is another question, see Mailbox.
func ParseAddress(typed string) (Address, error) {
	typed = Trim(typed)
	if len(typed) > MaxAddress || !utf8.ValidString(typed) || strings.ContainsFunc(typed, controls) {
		return Address{}, ErrAddress
	}
	local, domain, ok := split(typed)
	if !ok {
		return Address{}, ErrAddress
	}
	normal := lower(local) + "@" + domain
	if len(normal) > MaxAddress {
		return Address{}, ErrAddress
	}
	return Address{Typed: typed, Folded: fold(local) + "@" + inUnicode(domain), Normal: normal}, nil
}

// DomainForms returns an address, or the end of one, with its domain in A-labels and in
// Unicode. For most addresses they are the same.
func DomainForms(address string) (ascii, unicode string, differ bool) {
	at := strings.LastIndexByte(address, '@') + 1
	_, domain, ok := split("x@" + address[at:])
	if !ok || at == 0 {
		return address, address, false
	}
	ascii, unicode = address[:at]+domain, address[:at]+inUnicode(domain)
	return ascii, unicode, ascii != unicode
}

// inUnicode returns a domain with U-labels: an application may have stored either form.
func inUnicode(domain string) string {
	if converted, err := domains.ToUnicode(domain); err == nil {
		return converted
	}
	return domain
}

// lower returns the NFC form in lower case. strings.ToLower makes the Turkish İ an i,
// which is another letter; with its dot, it stays different. A letter may
// have a composed form in lower case alone: J with a caron has none.
func lower(local string) string {
	return norm.NFC.String(strings.ToLower(strings.ReplaceAll(norm.NFC.String(local), "İ", "i\u0307")))
}

// ParseName parses the typed name of a user, or returns ErrAddress. Its Address has no
// @, matches names exactly (except for their Unicode form), and never an address.
func ParseName(typed string) (Address, error) {
	typed = Trim(typed)
	if typed == "" || len(typed) > MaxAddress || !utf8.ValidString(typed) || strings.ContainsFunc(typed, controls) || strings.Contains(typed, "@") {
		return Address{}, ErrAddress
	}
	name := norm.NFKC.String(typed)
	return Address{Typed: name, Folded: fold(name), Normal: norm.NFC.String(name)}, nil
}

// parseAsked parses what somebody asked for: an address or, if there is no @, a name.
func parseAsked(typed string) (Address, error) {
	if strings.Contains(typed, "@") {
		return ParseAddress(typed)
	}
	return ParseName(typed)
}

// ASCII reports whether a text has no other characters.
func ASCII(text string) bool { return utf8.RuneCountInString(text) == len(text) }

// MatchesAccount reports whether an account has this address or, without an @, this
// name.
func (a Address) MatchesAccount(found Account) bool {
	if a.Typed != "" && !strings.Contains(a.Typed, "@") {
		return a.Typed == norm.NFKC.String(found.Name)
	}
	return a.Matches(found.Email)
}

// Trim removes blanks and invisible characters at both ends of a text, which come with a
// copied address: format characters (Cf), variation selectors, fillers. It turns the
// full-width @ of East Asian keyboards (U+FF20) into @.
func Trim(s string) string {
	return strings.TrimFunc(strings.ReplaceAll(s, "\uff20", "@"), func(r rune) bool {
		return unicode.IsSpace(r) || invisible(r)
	})
}

// Visible removes the invisible characters of a text.
func Visible(s string) string {
	return strings.Map(func(r rune) rune {
		if invisible(r) {
			return -1
		}
		return r
	}, s)
}

func invisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// controls reports whether a character ends lines, or changes the direction of the text
// around it.
func controls(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

// domains converts names for a lookup (RFC 5891) and enforces the DNS lengths. It
// accepts underscores, and hyphens at every place, which some hosts have.
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false), idna.CheckHyphens(false), idna.VerifyDNSLength(true))

// split returns the local part unchanged and the domain in lower-case A-labels
// (RFC 5891), or folded if it has none.
func split(s string) (local, domain string, ok bool) {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at == len(s)-1 {
		return "", "", false
	}
	domain, ok = aLabels(s[at+1:])
	if !ok {
		if folded := fold(s[at+1:]); folded != s[at+1:] {
			domain, ok = aLabels(folded)
		}
	}
	if !ok {
		domain = fold(s[at+1:])
	}
	return s[:at], domain, domain != ""
}

func aLabels(domain string) (string, bool) {
	converted, err := domains.ToASCII(domain)
	return strings.ToLower(converted), err == nil && converted != ""
}

// Matches reports whether an account's stored address equals the typed one after
// NFKC and case folding, with domains compared as A-labels. Letters that only look
// similar (i and dotless i) are different.
func (a Address) Matches(stored string) bool {
	stored = strings.TrimSpace(stored)
	return len(stored) <= MaxAddress && canonical(a.Typed) == canonical(stored)
}

// Canonical returns the form in which addresses are compared. It accepts any text,
// so the limits can also count attempts with malformed addresses. No account has an
// address that is too long, so such a text is returned unchanged.
func Canonical(address string) string {
	address = Trim(address)
	if len(address) > MaxAddress {
		return address
	}
	return canonical(address)
}

func canonical(address string) string {
	if local, domain, ok := split(address); ok {
		return fold(local) + "@" + domain
	}
	return fold(address)
}

func fold(s string) string {
	s = strings.Map(capitalCherokee, s)
	// The result of case folding may not be in NFKC.
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
}

// capitalCherokee returns capital Cherokee letters, because package cases folds small
// ones to capital ones and capital ones to small ones.
func capitalCherokee(r rune) rune {
	if unicode.Is(unicode.Cherokee, r) {
		return unicode.ToUpper(r)
	}
	return r
}
