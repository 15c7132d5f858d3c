package mail

import (
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"resetd/internal/reset"
)

// recipient accepts one bare address and returns it with the domain in A-labels
// (RFC 5891), which every server understands. It refuses text that could be parsed
// as two addresses or as a header.
func recipient(stored string) (string, error) {
	a, err := reset.ParseAddress(stored)
	if err != nil || a.Typed != stored {
		return "", permanent("the account's address is not one bare email address")
	}
	return asciiDomain(stored), nil
}

// ownAddress checks an address of the site. Such addresses are in every email, so
// they must not need SMTPUTF8 (RFC 6531), which few servers support.
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
		return address // impossible: the address was parsed before
	}
	return strings.TrimSuffix(address, domain) + encoded
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}
