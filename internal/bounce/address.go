package bounce

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/emersion/go-message"

	"resetd/internal/reset"
)

// maxLocal is the longest local part that every mail server accepts (RFC 5321, section
// 4.5.3.1.1), and tokenChars the length of the token in it.
const (
	maxLocal   = 64
	tokenChars = 52
)

// Sender makes and reads envelope senders: the base address with "+" and a token in its
// local part. The zero Sender makes none.
type Sender struct {
	local, domain string
	keys          reset.Keys
	pattern       *regexp.Regexp
}

// CheckBase returns an error if an address is too long for a token.
func CheckBase(address string) error {
	local, _, _ := strings.Cut(address, "@")
	if most := maxLocal - tokenChars - 1; len(local) > most {
		return fmt.Errorf("the part before the @ must have at most %d characters, because + and a code of %d are added to it", most, tokenChars)
	}
	if strings.Contains(local, "+") {
		return errors.New("the part before the @ must contain no +, because + and a code are added to it")
	}
	return nil
}

// NewSender takes an address that CheckBase accepts; empty: the zero Sender.
func NewSender(base string, keys reset.Keys) Sender {
	if base == "" {
		return Sender{}
	}
	local, domain, _ := strings.Cut(base, "@")
	// Some servers write a tag of their own before the address (prvs=...), and some
	// change the case.
	pattern := regexp.MustCompile(`(?i)(?:^|[^a-z0-9])` + regexp.QuoteMeta(local) + `\+([a-z2-7]{52})@` + regexp.QuoteMeta(domain))
	return Sender{local, domain, keys, pattern}
}

// Of returns the envelope sender of a delivery; empty from the zero Sender.
func (s Sender) Of(delivery reset.ID) string {
	if s.local == "" {
		return ""
	}
	return s.local + "+" + s.keys.Token(reset.PurposeBounce, delivery).Encode() + "@" + s.domain
}

// recipients are the headers with the address that a message was delivered to.
var recipients = []string{"X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "To", "Cc"}

// delivery returns the delivery that a message was returned for, or reset.ErrNoLink.
func (s Sender) delivery(h message.Header) (reset.ID, error) {
	for _, name := range recipients {
		for fields := h.FieldsByKey(name); fields.Next(); {
			for _, found := range s.pattern.FindAllStringSubmatch(fields.Value(), 4) {
				if id, err := s.keys.Verify(reset.PurposeBounce, found[1]); err == nil {
					return id, nil
				}
			}
		}
	}
	return reset.ID{}, reset.ErrNoLink
}
