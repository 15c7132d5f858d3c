package reset_test

import (
	"fmt"
	"strings"
	"testing"

	"resetd/internal/history"
	"resetd/internal/reset"
)

// Folding and punycode take time that grows with the square of the length, and anybody
// may send 64 KiB before any limit counts. So a text that is too long for an address must
// cost no more than a short one. Both allocate, which can be counted.
func TestLongAddressesCostNoWork(t *testing.T) {
	var different strings.Builder
	for r := range rune(21_000) {
		different.WriteRune('一' + r)
	}
	long := "user@" + different.String()
	short := "user@" + long[5:5+3*20]
	account, err := reset.ParseAddress("user@example.org")
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func(string){
		"ParseAddress": func(s string) { _, _ = reset.ParseAddress(s) },
		"Canonical":    func(s string) { reset.Canonical(s) },
		"Matches":      func(s string) { account.Matches(s) },
		"Mailbox":      func(s string) { _, _ = reset.Mailbox(s) },
		"ParseMailbox": func(s string) { _, _ = reset.ParseMailbox(s) },
		"Readings":     func(s string) { _, _ = history.Readings(s) },
	} {
		for shape, text := range map[string]string{
			"long domain": long, "long local part": different.String() + "@example.org", "many labels": "user@" + strings.Repeat("字.", 15_000),
			"one byte too long": "u" + strings.Repeat("ß", 121) + "@example.org",
		} {
			allowed := testing.AllocsPerRun(5, func() { read(short) })
			if got := testing.AllocsPerRun(5, func() { read(text) }); got > allowed {
				t.Errorf("%s, %s: %v allocations for %d bytes, %v for a short one", name, shape, got, len(text), allowed)
			}
		}
	}
	if _, err := reset.ParseAddress(fmt.Sprintf("%s@example.org", strings.Repeat("ß", 121))); err != nil {
		t.Errorf("254 bytes are refused: %v", err)
	}
}
