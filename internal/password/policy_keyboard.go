package password

import (
	"slices"
	"unicode/utf8"
)

// key is the place of a key on a keyboard: its row, and its column in that row.
type key struct{ row, column int }

// keyboard holds the keys of a layout.
type keyboard map[rune]key

// keyboards are the usual layouts. Each row of keys is half a key further to the right.
var keyboards = []keyboard{
	layout("1234567890-=", "!@#$%^&*()_+", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./"),
	layout("1234567890ß", "!\"§$%&/()=", "qwertzuiopü+", "asdfghjklöä#", "yxcvbnm,.-"),
	layout("1234567890", "&é\"'(-è_çà", "azertyuiop^$", "qsdfghjklmù", "wxcvbn,;:!"),
	layout("1234567890", "!\"№;%:?*()", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю."),
}

// layout makes a keyboard of the row of digits, without and with Shift (the other way
// round in France), and the rows of letters.
func layout(digits, symbols string, letters ...string) keyboard {
	k := keyboard{}
	for row, keys := range append([]string{digits}, letters...) {
		for column, r := range []rune(keys) {
			k[r] = key{row, column}
		}
	}
	for column, r := range []rune(symbols) {
		if _, taken := k[r]; !taken {
			k[r] = key{0, column}
		}
	}
	return k
}

// step returns the direction from a key to one that touches it.
func (k keyboard) step(from, to rune) (key, bool) {
	a, ok := k[from]
	b, found := k[to]
	way := key{b.row - a.row, b.column - a.column}
	beside := max(way.row, -way.row, way.column, -way.column) == 1 && way.row*way.column <= 0
	return way, ok && found && beside
}

// order returns the direction from a letter or digit of ASCII to itself or to the next.
func order(from, to rune) (key, bool) {
	way := key{column: int(to - from)}
	return way, max(from, to) < utf8.RuneSelf && letterOrDigit(from) && letterOrDigit(to) && max(way.column, -way.column) <= 1
}

// straight returns how many characters follow each other in one direction.
func straight(text []rune, step func(from, to rune) (key, bool)) int {
	var before key
	for i := 1; i < len(text); i++ {
		way, ok := step(text[i-1], text[i])
		if !ok || i > 1 && way != before {
			return i
		}
		before = way
	}
	return len(text)
}

// lines returns how many lines of keys or rows of characters a text consists of.
func (k keyboard) lines(text []rune) (n int) {
	for ; len(text) > 0; n++ {
		text = text[max(straight(text, k.step), straight(text, order)):]
	}
	return n
}

// walks reports whether a text consists of lines of keys and of rows of letters and digits:
// qwertz123456, 1qaz2wsx, poiuytrewq, also two of these in turns: q1w2e3r4.
func walks(plain string) bool {
	return utf8.RuneCountInString(plain) <= mostRepeated && (walk([]rune(fold(plain))) || walk([]rune(strip(plain))))
}

func walk(text []rune) bool {
	first, second := everyOther(text)
	return len(text) > 0 && slices.ContainsFunc(keyboards, func(k keyboard) bool {
		return rowLength*min(k.lines(text), k.lines(first)+k.lines(second)) <= len(text)
	})
}

func everyOther(text []rune) (first, second []rune) {
	for i, r := range text {
		if i%2 == 0 {
			first = append(first, r)
		} else {
			second = append(second, r)
		}
	}
	return first, second
}

// walkedWord reports whether a word is a walk, such as qwertz or йцукен.
func walkedWord(word []rune) bool {
	odd := func(r rune) bool { return !letterOrDigit(r) }
	return len(word) >= shortestLeet && !slices.ContainsFunc(word, odd) && walk(word)
}
