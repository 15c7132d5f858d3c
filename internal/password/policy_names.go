package password

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// nameList is first names of large countries of Europe and the Americas, with the months, days,
// seasons, greetings and words of love of their languages, places, clubs and services, as far
// as the blocklist lacks them. What is before the colon is a comment.
//
//go:embed names.txt
var nameList string

// names is the sorted names without accents.
var names = sync.OnceValue(func() (all []string) {
	for line := range strings.Lines(nameList) {
		_, words, _ := strings.Cut(line, ":")
		for w := range strings.FieldsSeq(words) {
			all = append(all, unaccented(strip(w)), unaccented(strip(umlauts.Replace(strings.ToLower(w)))))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
})

// strokes are letters that have no decomposition, and the letters that people type instead.
var strokes = strings.NewReplacer("ł", "l", "ø", "o", "đ", "d", "ı", "i", "æ", "ae")

// umlauts are also typed as two letters.
var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ø", "oe", "å", "aa")

// unaccented returns a folded text without accents and strokes.
func unaccented(s string) string {
	return strokes.Replace(norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.IsMark(r) {
			return -1
		}
		return r
	}, norm.NFKD.String(s))))
}

// known reports whether a folded text is a common password or a name, also without its
// accents: garçon2026, Łukasz1990. A name may be written with a hyphen or in two words.
func known(text string) bool {
	plain := unaccented(text)
	_, name := slices.BinarySearch(names(), unaccented(strip(text)))
	return name || holds(blocklist(), text) || plain != text && holds(blocklist(), plain)
}
