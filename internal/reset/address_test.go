package reset_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"resetd/internal/history"
	"resetd/internal/reset"
)

func TestAddressForms(t *testing.T) {
	for typed, want := range map[string]string{
		"user@example.org":                                  "user@example.org",
		"  User@EXAMPLE.org\t":                              "user@example.org",
		"user\uff20example.org":                             "user@example.org",
		"user+tag@example.org":                              "user+tag@example.org",
		"o'brien@example.org":                               "o'brien@example.org",
		"root@localhost":                                    "root@localhost",
		"Ünser@bücher.example":                              "ünser@xn--bcher-kva.example",
		"u\u0308ser@example.org":                            "üser@example.org",
		"user@BÜCHER.example":                               "user@xn--bcher-kva.example",
		"user@xn--bcher-kva.example":                        "user@xn--bcher-kva.example",
		"mİke@example.org":                                  "mi\u0307ke@example.org",
		"J\u030c@example.org":                               "\u01f0@example.org", // only the small letter has a composed form
		"taro..yamada@example.org":                          "taro..yamada@example.org",
		"taro.@example.org":                                 "taro.@example.org",
		".hanako@example.org":                               ".hanako@example.org",
		"x@My_Host.example.org":                             "x@my_host.example.org",
		`"John Doe"@example.org`:                            `"john doe"@example.org`,
		"a@b@example.org":                                   "a@b@example.org",
		"user@exa mple.org":                                 "user@exa mple.org",
		"User <user@example.org>":                           "user <user@example.org>",
		"user@[127.0.0.1]":                                  "user@[127.0.0.1]",
		"user@example.org.":                                 "user@example.org.",
		"us\u200der@example.org":                            "us\u200der@example.org",
		strings.Repeat("a", 200) + "@example.org":           strings.Repeat("a", 200) + "@example.org",
		"a@" + strings.Repeat("b", 64) + ".example":         "a@" + strings.Repeat("b", 64) + ".example",
		"\u200buser@example.org\u200b":                      "user@example.org",
		"\ufeff \u200e\u202auser@example.org\u202c\u2066\n": "user@example.org",
		"\u00aduser@example.org\ufe0f\u034f":                "user@example.org",
	} {
		got, err := reset.ParseAddress(typed)
		if err != nil || got.Normal != want {
			t.Errorf("%q: got %q %v, want %q", typed, got.Normal, err, want)
		}
	}
}

func TestMalformedAddressesAreRefused(t *testing.T) {
	for _, typed := range []string{
		"", " ", "\u200b", "user", "@", "@example.org", "user@", "user@\u200b", "user@ ", "\u200b@example.org", "\u200b@",
		"user@example.org\r\nBcc: x@example.org", "us\ner@example.org", "us\u0085er@example.org", "us\u2028er@example.org",
		"user\x00@example.org", "user@exam\x00ple.org", "user@example.org\x00", "us\u202eer@example.org", "us\u2066er@example.org", "user@example.org\xff",
		strings.Repeat("a", 243) + "@example.org", strings.Repeat("a@example.org", 30), "a@" + strings.Repeat("字", 85),
	} {
		if got, err := reset.ParseAddress(typed); !errors.Is(err, reset.ErrAddress) {
			t.Errorf("%q: got %q %v, want %v", typed, got.Normal, err, reset.ErrAddress)
		}
	}
}

// An application may have stored a domain in either form, and its statement compares with
// all forms of what was typed.
func TestAddressesHaveBothFormsOfTheirDomain(t *testing.T) {
	for typed, want := range map[string][2]string{
		"User@bücher.example":          {"user@bücher.example", "user@xn--bcher-kva.example"},
		"User@BÜCHER.example":          {"user@bücher.example", "user@xn--bcher-kva.example"},
		"User@bu\u0308cher.example":    {"user@bücher.example", "user@xn--bcher-kva.example"},
		"User@xn--bcher-kva.example":   {"user@bücher.example", "user@xn--bcher-kva.example"},
		"User@XN--BCHER-KVA.example":   {"user@bücher.example", "user@xn--bcher-kva.example"},
		"user@straße.example":          {"user@straße.example", "user@xn--strae-oqa.example"},
		"user@xn--strae-oqa.example":   {"user@straße.example", "user@xn--strae-oqa.example"},
		"user@παράδειγμα.example":      {"user@παράδειγμα.example", "user@xn--hxajbheg2az3al.example"},
		"Groß@example.org":             {"gross@example.org", "groß@example.org"},
		"user@example.org":             {"user@example.org", "user@example.org"},
		"user@example.org.":            {"user@example.org.", "user@example.org."},
		"user@bücher.example.":         {"user@bücher.example.", "user@xn--bcher-kva.example."},
		"user@xn--a.example":           {"user@xn--a.example", "user@xn--a.example"},
		"user@xn--bcher-kva.example.":  {"user@bücher.example.", "user@xn--bcher-kva.example."},
		"taro..yamada@My_Host.example": {"taro..yamada@my_host.example", "taro..yamada@my_host.example"},
	} {
		a, err := reset.ParseAddress(typed)
		if got := [2]string{a.Folded, a.Normal}; err != nil || got != want {
			t.Errorf("%q: got %q %v, want %q", typed, got, err, want)
		}
		ascii, unicode, differ := reset.DomainForms(typed)
		if domainOf(ascii) != domainOf(want[1]) || domainOf(unicode) != domainOf(want[0]) || differ != (ascii != unicode) {
			t.Errorf("%q: its forms are %q and %q, %v", typed, ascii, unicode, differ)
		}
	}
}

func domainOf(address string) string { return address[strings.LastIndex(address, "@"):] }

func TestLookAlikesDoNotMatch(t *testing.T) {
	for _, c := range []struct {
		typed, stored string
		want          bool
	}{
		{"user@example.org", "user@example.org", true},
		{"USER@EXAMPLE.ORG", "user@example.org", true},
		{"user@example.org", "User@Example.Org", true},
		{"user@bücher.example", "user@xn--bcher-kva.example", true},
		{"ÄNNE@example.org", "änne@example.org", true},
		{"mİke@example.org", "mike@example.org", false}, // a capital i with a dot
		{"mİke@example.org", "mi\u0307ke@example.org", true},
		{"Ꭰ@example.org", "ꭰ@example.org", true}, // Cherokee
		{"ꭰ@example.org", "Ꭰ@example.org", true},
		{"mıke@example.org", "mike@example.org", false}, // a dotless i
		{"mike@example.org", "mıke@example.org", false},
		{"mike@gıthub.example", "mike@github.example", false},
		{"uѕer@example.org", "user@example.org", false}, // a Cyrillic s
		{"user@example.org", "user@example.com", false},
		{"user@example.org", "", false},
		{"user@example.org", "nonsense", false},
		{"USER..NAME@my_HOST.example.org", "user..name@MY_host.example.org", true},
		{`"JOHN Doe"@example.org`, `"john doe"@example.org`, true},
		{"\u200bUser@example.org", "user@example.org", true},
		{"user@example.org", "\u200buser@example.org", false}, // another stored address
		{"user@example.org", "user@example.org.", false},
		{"GROSS@example.org", "groß@example.org", true},
	} {
		a, err := reset.ParseAddress(c.typed)
		if err != nil {
			t.Fatalf("%q: %v", c.typed, err)
		}
		if got := a.Matches(c.stored); got != c.want {
			t.Errorf("%q and %q: got %v, want %v", c.typed, c.stored, got, c.want)
		}
	}
}

func TestNormalFormIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		a, err := reset.ParseAddress(s)
		if err != nil {
			return
		}
		again, err := reset.ParseAddress(a.Normal)
		if err != nil || again.Normal != a.Normal || !a.Matches(a.Normal) {
			t.Fatalf("%q: its normal form %q parses to %q %v", s, a.Normal, again.Normal, err)
		}
	})
}

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
