package support

import (
	"strings"
	"time"

	"resetd/internal/history"
)

// timeMark marks the place of a time in a sentence. None of our texts contains this
// character.
const timeMark = "\uE000"

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
			times = append(times, value)
			pairs[i] = timeMark
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
			pairs[i] = strings.ReplaceAll(value, timeMark, "")
		default:
			pairs[i] = value
		}
	}
	text, err := p.T(s.ID, pairs...)
	return pieces(text, times), err
}

// pieces splits a sentence at its time. A sentence has at most one time.
func pieces(text string, times []time.Time) []piece {
	before, after, found := strings.Cut(text, timeMark)
	if !found || len(times) == 0 {
		return []piece{{Text: text}}
	}
	return []piece{{Text: before}, {At: times[0]}, {Text: after}}
}
