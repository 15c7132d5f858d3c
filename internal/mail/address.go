package mail

import (
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"resetd/internal/reset"
)

// recipient accepts one bare address and returns it as it is stored, with a
// domain beyond ASCII in A-labels (RFC 5891), which every server understands.
// Anything that could be read as two addresses, or as a header, is refused.
func recipient(stored string) (string, error) {
	a, err := reset.ParseAddress(stored)
	if err != nil || a.Typed != stored {
		return "", permanent("the account's address is not one bare email address")
	}
	return asciiDomain(stored), nil
}

// ownAddress is for addresses of the site itself. They stand in every mail, so
// they must do without SMTPUTF8 (RFC 6531), which few servers have.
func ownAddress(address string) (string, error) {
	a, err := reset.ParseAddress(address)
	if err != nil {
		return "", errors.New("must be a bare email address, such as accounts@example.org")
	}
	address = asciiDomain(a.Typed)
	if !ascii(address) {
		return "", errors.New("must be ASCII before the @")
	}
	return address, nil
}

func asciiDomain(address string) string {
	domain := domainOf(address)
	if ascii(domain) {
		return address
	}
	encoded, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return address // was parsed, so this can't be
	}
	return strings.TrimSuffix(address, domain) + encoded
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}
