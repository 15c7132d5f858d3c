package password

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	shortestWord = 3 // "al" is in half of all words
	enoughBeside = 5 // a year is not enough
)

// resembles tells whether a password is little more than some words.
//
// Password and words are stripped to their folded letters and digits, without
// accents. Then each word of at least 3 code points is struck out wherever it
// stands in the password, forwards or backwards. If that strikes out anything and
// leaves fewer than 5 code points, the password resembles the words:
//
//	anna1234, 1992annaberg, Ânn@-anna      anna + 4 or fewer
//	anna plays the cello at dawn           anna + 19: a good one
//
// The time goes by the length of the password times that of the words; callers
// bound the password, and words come from records, not from the form.
func resembles(plain string, words []string) bool {
	password := []rune(strip(plain))
	struck := make([]bool, len(password))
	for _, w := range words {
		word := []rune(w)
		strike(struck, password, word)
		slices.Reverse(word)
		strike(struck, password, word)
	}
	left := 0
	for _, s := range struck {
		if !s {
			left++
		}
	}
	return left < len(password) && left < enoughBeside
}

// strike marks every place of a word. Marking, not removing: what is left never
// joins to a word that was not typed, and the order of the words is of no account.
func strike(struck []bool, password, word []rune) {
	for i := 0; i+len(word) <= len(password); i++ {
		if slices.Equal(password[i:i+len(word)], word) {
			for j := range word {
				struck[i+j] = true
			}
		}
	}
}

// wordsOf returns the words that a guesser would try first, stripped: name, local
// part, domain and site, each in one piece and in its parts, and the whole
// address.
func wordsOf(site string, who Person) []string {
	local, domain, _ := strings.Cut(who.Email, "@")
	words := []string{who.Email, who.Name, local, site}
	words = append(words, parts(who.Name)...)
	words = append(words, parts(local)...)
	for _, host := range append(strings.Fields(site), domain) {
		words = append(words, host)
		words = append(words, labels(host)...)
	}
	for i, w := range words {
		words[i] = strip(w)
	}
	return slices.DeleteFunc(words, func(w string) bool { return utf8.RuneCountInString(w) < shortestWord })
}

// labels are the parts of a host but the last, as "org" says nothing about
// anyone; a name without dots has all its parts.
func labels(host string) []string {
	all := parts(host)
	if len(all) > 0 && strings.Contains(host, ".") {
		return all[:len(all)-1]
	}
	return all
}

func parts(s string) []string {
	return strings.FieldsFunc(norm.NFKC.String(s), func(r rune) bool {
		return !letterOrDigit(r) && !unicode.IsMark(r)
	})
}

// strip folds and keeps letters and digits. Accents are marks once decomposed,
// and fall away; NFC puts the syllables of Hangul together again.
func strip(s string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if letterOrDigit(r) {
			return r
		}
		return -1
	}, norm.NFKD.String(fold(s))))
}

func letterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
