package support

import (
	"strings"
	"time"
	"unicode/utf8"

	"resetd/internal/history"
)

// timeMark and the characters after it mark the places of the times of a sentence. None
// of our texts contains these characters.
const (
	timeMark  = '\uE000'
	mostTimes = 16
)

// sentences returns the texts of messages.
func sentences(p page, said []history.Message) ([][]piece, error) {
	all := make([][]piece, len(said))
	for i, s := range said {
		var err error
		if all[i], err = sentence(p, s); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func sentence(p page, s history.Message) ([]piece, error) {
	pairs, times := make([]any, len(s.Pairs)), []time.Time{}
	for i, value := range s.Pairs {
		switch value := value.(type) {
		case time.Time:
			pairs[i] = string(timeMark + rune(len(times)))
			times = append(times, value)
		case time.Duration:
			text, err := p.Duration(max(value.Round(time.Minute), time.Minute))
			if err != nil {
				return nil, err
			}
			pairs[i] = text
		case history.Who:
			pairs[i] = p.By(string(value))
		case history.Rules:
			pairs[i] = p.rules(value)
		case string:
			pairs[i] = strings.Map(unmarked, p.Place(value))
		default:
			pairs[i] = value
		}
	}
	text, err := p.T(s.ID, pairs...)
	return p.pieces(text, times), err
}

// unmarked drops the characters that mark times.
func unmarked(r rune) rune {
	if isMark(r) {
		return -1
	}
	return r
}

func isMark(r rune) bool { return r >= timeMark && r < timeMark+mostTimes }

// pieces splits a sentence at its times.
func (p page) pieces(text string, times []time.Time) (all []piece) {
	for {
		at := strings.IndexFunc(text, isMark)
		if at < 0 {
			return append(all, piece{Text: text})
		}
		mark, size := utf8.DecodeRuneInString(text[at:])
		all = append(all, piece{Text: text[:at]})
		if n := int(mark - timeMark); n < len(times) {
			w := p.When(times[n])
			all = append(all, piece{At: &w})
		}
		text = text[at+size:]
	}
}

// plainText returns a sentence as text.
func plainText(all []piece) string {
	var b strings.Builder
	for _, one := range all {
		b.WriteString(one.Text)
		if one.At != nil {
			b.WriteString(one.At.Text)
		}
	}
	return b.String()
}

// joined returns messages as one sentence.
func joined(p page, parts []history.Message) (all []piece, err error) {
	said, err := sentences(p, parts)
	for i, part := range said {
		if i > 0 {
			all = append(all, piece{Text: "; "})
		}
		all = append(all, part...)
	}
	return append(all, piece{Text: "."}), err
}

// piece is a part of a sentence: text, or a time, which the browser shows in the
// reader's time zone.
type piece struct {
	Text string
	At   *when // nil: text
}
