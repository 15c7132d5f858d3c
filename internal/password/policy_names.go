package password

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// nameList is first names of large countries of Europe and the Americas, with the months,
// days and seasons and a few greetings of their languages, as far as the blocklist lacks
// them. A line is a language.
//
//go:embed names.txt
var nameList string

// names is the sorted names without accents.
var names = sync.OnceValue(func() (all []string) {
	for line := range strings.Lines(nameList) {
		_, words, _ := strings.Cut(line, ":")
		for w := range strings.FieldsSeq(words) {
			all = append(all, unaccented(w))
		}
	}
	slices.Sort(all)
	return all
})

// strokes are letters that have no decomposition, and the letters that people type instead.
var strokes = strings.NewReplacer("ł", "l", "ø", "o", "đ", "d", "ı", "i")

// unaccented returns the letters and digits of a text without accents and strokes.
func unaccented(s string) string { return strokes.Replace(strip(s)) }

// known reports whether a folded text is a common password or a name, also without its
// accents: garçon2026, Łukasz1990.
func known(text string) bool {
	if holds(blocklist(), text) {
		return true
	}
	plain := unaccented(text)
	_, name := slices.BinarySearch(names(), plain)
	return name || plain != text && holds(blocklist(), plain)
}
