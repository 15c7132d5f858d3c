package password

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

const good = "xylophone of 9 tigers"

var someone = Person{Name: "Example User", Email: "user@example.org"}

func TestCheck(t *testing.T) {
	policy := Policy{MinLength: DefaultMinLength, MaxLength: DefaultMaxLength, Site: "accounts.example.net"}
	// long returns a passphrase of n code points.
	long := func(n int) string { return strings.Repeat("9 tigers xylophone ", n)[:n] }
	for name, c := range map[string]struct {
		password, again string
		want            []Problem
	}{
		"good":                        {good, good, nil},
		"no composition rules":        {"zyxophoneti", "zyxophoneti", nil},
		"blanks only around":          {"  xylo9  ", "  xylo9  ", nil},
		"empty":                       {"", "", []Problem{Blank}},
		"empty, confirmation not":     {"", good, []Problem{Blank, Mismatch}},
		"confirmation empty":          {good, "", []Problem{Mismatch}},
		"white space":                 {" \t\u00a0\u3000\n      ", " \t\u00a0\u3000\n      ", []Problem{Blank}},
		"a blank more":                {good, good + " ", []Problem{Mismatch}},
		"other case":                  {good, strings.ToUpper(good), []Problem{Mismatch}},
		"same in NFC":                 {"xyloph\u00f6ne tigers", "xylopho\u0308ne tigers", nil},
		"same in NFKC only":           {good, "\uff58" + good[1:], []Problem{Mismatch}},
		"7":                           {"x9 tige", "x9 tige", []Problem{TooShort}},
		"8":                           {"x9 tiger", "x9 tiger", nil},
		"7 in NFC, 8 typed":           {"x9 tige\u0301", "x9 tige\u0301", []Problem{TooShort}},
		"7 of 4 bytes each":           {"🐎🔋📎🎸🎻🪗🥁", "🐎🔋📎🎸🎻🪗🥁", []Problem{TooShort}},
		"8 of 4 bytes each":           {"🐎🔋📎🎸🎻🪗🥁🎷", "🐎🔋📎🎸🎻🪗🥁🎷", nil},
		"256":                         {long(256), long(256), nil},
		"257":                         {long(257), long(257), []Problem{TooLong}},
		"256 in NFC, 1024 typed":      {strings.Repeat("\u03b1\u0313\u0300\u0345", 256), strings.Repeat("\u1f82", 256), nil},
		"64 KiB, and another":         {long(64 << 10), long(64<<10) + "x", []Problem{TooLong, Mismatch}},
		"common":                      {"sunshine1", "sunshine1", []Problem{Common}},
		"common in capitals":          {"SunShine1", "SunShine1", []Problem{Common}},
		"common in full width":        {"ＳＵＮＳＨＩＮＥ１", "ＳＵＮＳＨＩＮＥ１", []Problem{Common}},
		"common with a word beside":   {"sunshine1 tigers", "sunshine1 tigers", nil},
		"common and short":            {"qwerty", "qwerty", []Problem{TooShort, Common}},
		"resembles":                   {"user@example.org", "user@example.org", []Problem{Resembles}},
		"resembles the site":          {"accounts1234", "accounts1234", []Problem{Padded, Resembles}},
		"all that can come together":  {"user", "usre", []Problem{TooShort, Common, Resembles, Mismatch}},
		"bytes that are no UTF-8":     {"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8", "\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8", nil},
		"other bytes that are not":    {"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8", "\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf9", []Problem{Mismatch}},
		"control characters are fine": {"xylophone\x00tigers\x07", "xylophone\x00tigers\x07", nil},
	} {
		if got := policy.Check(c.password, c.again, someone); !slices.Equal(got, c.want) {
			t.Errorf("%s: Check(%.80q, %.80q) = %q, want %q", name, c.password, c.again, got, c.want)
		}
	}
}

func TestPolicyLengths(t *testing.T) {
	for _, c := range []struct {
		policy Policy
		length int
		want   []Problem
	}{
		{Policy{}, 7, []Problem{TooShort}},
		{Policy{}, 8, nil},
		{Policy{}, 256, nil},
		{Policy{}, 257, []Problem{TooLong}},
		{Policy{MinLength: 15}, 14, []Problem{TooShort}},
		{Policy{MinLength: 15}, 15, nil},
		{Policy{MaxLength: 64}, 64, nil},
		{Policy{MaxLength: 64}, 65, []Problem{TooLong}},
	} {
		plain := strings.Repeat("ж", c.length)
		if got := c.policy.Check(plain, plain, someone); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %d code points: got %q, want %q", c.policy, c.length, got, c.want)
		}
	}
}

func TestMostComposed(t *testing.T) {
	longest := 0
	for r := range rune(utf8.MaxRune + 1) {
		longest = max(longest, utf8.RuneCountInString(norm.NFD.String(string(r))))
	}
	if longest != mostComposed {
		t.Errorf("the longest decomposition has %d code points, want %d", longest, mostComposed)
	}
}

// For every text: problems are in order and unique, and the length is that of the NFC
// form.
func TestCheckProperties(t *testing.T) {
	order := []Problem{Blank, TooShort, TooLong, Common, Padded, Resembles, Mismatch}
	policy := Policy{MinLength: 4, MaxLength: 12}
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.StringN(0, 60, -1).Draw(t, "plain")
		got := policy.Check(plain, norm.NFD.String(plain), someone)
		rank := func(p Problem) int { return slices.Index(order, p) }
		for i, p := range got {
			if rank(p) < 0 || i > 0 && rank(got[i-1]) >= rank(p) {
				t.Fatalf("Check(%+q) = %q, want a part of %q", plain, got, order)
			}
		}
		has := func(p Problem) bool { return slices.Contains(got, p) }
		n := utf8.RuneCountInString(norm.NFC.String(plain))
		if long := n > 12 && !has(Blank); has(TooLong) != long {
			t.Fatalf("Check(%+q) = %q, want too long: %t", plain, got, long)
		}
		if short := n < 4 && !has(Blank); has(TooShort) != short {
			t.Fatalf("Check(%+q) = %q, want too short: %t", plain, got, short)
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	who := Person{Name: "Example Maria User", Email: "maria.user@mail.example.org"}
	policy := Policy{Site: "Example accounts.example.org"}
	common("") // unpacks the list
	for name, plain := range map[string]string{
		"usual":                  good,
		"256 of matches":         strings.Repeat("user", 64),
		"256 that become 4608":   strings.Repeat("\ufdfa", 256),
		"64 KiB":                 strings.Repeat("x", 64<<10),
		"64 KiB of accents":      strings.Repeat("e\u0301", 21845),
		"64 KiB of accents on a": "a" + strings.Repeat("\u0323\u0301", 16384),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				policy.Check(plain, plain, who)
			}
		})
	}
}
