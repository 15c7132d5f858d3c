package password

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	shortestWord = 3 // shorter words, such as "al", occur in too many passwords
	enoughBeside = 5 // so a year is not enough
)

// resembles reports whether a password is little more than some words.
//
// First it reduces password and words to folded letters and digits without accents.
// Then it strikes out each word of at least 3 code points everywhere in the password,
// forwards and backwards. If it struck out anything and fewer than 5 code points are
// left, the password resembles the words:
//
//	anna1234, 1992annaberg, Ânn@-anna      anna + 4 or fewer: resembles
//	anna plays the cello at dawn           anna + 19: does not resemble
//
// The time is proportional to the length of the password times that of the words.
// Callers limit the password. Most words come from records, not from the form.
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

// strike marks all occurrences of a word. It does not remove them: otherwise the rest
// could join to a new word, and the result would depend on the order of the words.
func strike(struck []bool, password, word []rune) {
	for i := 0; i+len(word) <= len(password); i++ {
		if slices.Equal(password[i:i+len(word)], word) {
			for j := range word {
				struck[i+j] = true
			}
		}
	}
}

// wordsOf returns the words that an attacker would try first: name, local part, domain
// and site, each whole and in parts, and the whole address. All are stripped.
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

// labels returns the parts of a host without the last one, because "org" is not
// specific. For a name without dots it returns all parts.
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

// strip folds a text and keeps only letters and digits. Decomposed accents are marks
// and are removed. NFC composes the syllables of Hangul again.
func strip(s string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if letterOrDigit(r) {
			return r
		}
		return -1
	}, norm.NFKD.String(fold(s))))
}

func letterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
