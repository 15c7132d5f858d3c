package password

import (
	"slices"
	"strings"
	"unicode"
)

const (
	mostPadding  = 8                // a date, such as 24091985
	dateLength   = 4                // of a date in the padding, in any notation: cracking programs have lists of them
	extraPadding = 2                // around a short word at most this much more than the word has
	mostEdge     = 2                // a word that is written with digits may begin and end with them
	longestWord  = 2 * mostRepeated // no common password is longer, even with a mark behind each letter
	shortestLeet = 4                // shorter words occur in random text that is read in this way
)

// padded reports whether a password is a common one, a name or a walk over the keyboard, with
// digits and symbols around it.
// NIST SP 800-63B-4, section 3.1.1.2, requires a blocklist of passwords that are
// commonly used or expected, and names dictionary words. Cracking programs try each
// word of such a list with digits and symbols first.
//
// The password is folded, and what is before its first letter and after its last
// letter is padding. A character that continues a row, such as 1234 or !!!, is not
// counted. The rest is looked up in the blocklist and the names, also with digits and
// symbols read as the letters that they look like:
//
//	Password2026!, !!Michał1987, p@$$w0rd99     refused
//	7392love82635                               accepted: random digits are most of it
//	x7love2q, love and peace 2026               accepted: the letters are not a common password
func padded(plain string) bool {
	text := []rune(fold(plain))
	first, last := slices.IndexFunc(text, unicode.IsLetter), lastLetter(text)
	if first < 0 {
		inner := strip(plain)
		marks := len(text) - len([]rune(inner))
		return 0 < marks && marks <= mostPadding && holds(blocklist(), inner) // 12345678!, 1234-5678
	}
	for start := first; start >= max(0, first-mostEdge); start-- {
		for end := last + 1; end <= min(len(text), last+1+mostEdge); end++ {
			padding := cost(text[:start]) + cost(text[end:])
			if padding <= min(mostPadding, end-start+extraPadding) && commonWord(text[start:end]) {
				return true
			}
		}
	}
	return false
}

func lastLetter(text []rune) int {
	for i, r := range slices.Backward(text) {
		if unicode.IsLetter(r) {
			return i
		}
	}
	return -1
}

// cost returns how much padding there is.
func cost(padding []rune) int {
	if n := length(padding); n <= dateLength || !dates(padding) {
		return n
	}
	return dateLength
}

// length counts the characters of a text without those that continue a row.
func length(padding []rune) (n int) {
	for i, r := range padding {
		if i == 0 || r < padding[i-1]-1 || r > padding[i-1]+1 {
			n++
		}
	}
	return n
}

// The letters that digits and symbols look like. The digit 1 looks like two letters.
var (
	leetI = strings.NewReplacer("4", "a", "@", "a", "8", "b", "3", "e", "6", "g", "9", "g", "1", "i", "!", "i", "|", "i", "0", "o", "5", "s", "$", "s", "7", "t", "+", "t", "2", "z")
	leetL = strings.NewReplacer("1", "l", "!", "l", "|", "l")
)

// commonWord looks a word up, as it is and read as letters.
func commonWord(word []rune) bool {
	if len(word) > longestWord {
		return false
	}
	text := string(word)
	if known(text) || again(word) || walkedWord(word) {
		return true
	}
	letters := 0
	for _, r := range word {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	if len(word) < shortestLeet || 2*letters < len(word) {
		return false
	}
	return known(leetI.Replace(text)) || known(leetI.Replace(leetL.Replace(text)))
}
