package password

import (
	"slices"
	"strings"
	"testing"
)

func TestPaddedCommonPasswordsAreRefused(t *testing.T) {
	for _, p := range []string{
		"Password2026!", "Charlie123!", "michael1987", "MICHAEL1987", "!!Dragon99!!", "#1Monkey", "Summer2024!!", "2026summer", "Love2026!", "anna2026",
		"sunshine24091985", "password1234567890!", "welcome!!!!!!!!!!!!", "...london...", "winter 2026", "ｐａｓｓｗｏｒｄ２０２６",
		"p@ssw0rd77", "P@$$w0rd!!!!", "m1chae1_1987", "4dm1n2026", "@dmin2026!", "5unsh1n3!", "passw0rd#2026", "12345678!", "!!11223344!!",
	} {
		if got := (Policy{}).Check(p, p, someone); !slices.Equal(got, []Problem{Padded}) {
			t.Errorf("Check(%q) = %q, want %q", p, got, Padded)
		}
	}
}

func TestPassphrasesAndRandomTextsAreAccepted(t *testing.T) {
	for _, p := range []string{
		"correct horse battery staple", "love and peace 2026", "Winter is coming 2026!", "sunshine1 tigers", "password of michael",
		"x7love2q", "kQ7$cat9!mZ", "7392love82635", "83#!love$29@7k", "michael+charlie+1987", "93#0!8172", "8!4#2@9$7", "Xq7#Lm2!vT9z",
		"new-password-1", "alpha bravo 7", "monkeywrench1987", "dragonfruit!!", "zyxophoneti1",
	} {
		if got := (Policy{}).Check(p, p, someone); got != nil {
			t.Errorf("Check(%q) = %q, want none", p, got)
		}
	}
}

// The number of look-ups does not grow with the length of the padding.
func TestLongPaddingIsNotReadAsLetters(t *testing.T) {
	allocs := func(padding int) float64 {
		plain := strings.Repeat("4!", padding) + "xylophones" + strings.Repeat("!4", padding)
		return testing.AllocsPerRun(10, func() { padded(plain) })
	}
	if short, long := allocs(4), allocs(60); long > 2*short {
		t.Errorf("%v allocations with 16 characters of padding, %v with 240", short, long)
	}
}
