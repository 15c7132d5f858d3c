package mail

import (
	"errors"
	"strings"
	"unicode/utf8"

	"resetd/internal/reset"
)

// recipient returns a stored address for the library, which quotes its local part where
// that is necessary, in the header and in RCPT. It refuses text that could be parsed as
// two addresses or as a header.
func recipient(stored string) (string, error) {
	address, err := reset.Mailbox(stored)
	if err != nil {
		return "", permanent("the account's address is not one bare email address")
	}
	return address, nil
}

// ownAddress checks an address of the site. Such addresses are in every email, so
// they must not need SMTPUTF8 (RFC 6531), which few servers support.
func ownAddress(address string) (string, error) {
	address, err := reset.ParseMailbox(address)
	if err != nil {
		return "", errors.New("must be a bare email address, such as accounts@example.org")
	}
	if !ascii(address) {
		return "", errors.New("must be ASCII before the @")
	}
	return address, nil
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}
