package support

import (
	"strings"
	"time"
)

// inDays returns where a search leads whose text ends with a period, such as
// "203.0.113.0/24 yesterday" or "failed last week": to the resets of its days, or to its
// overview if nothing else is looked for. It returns "" if the text has no period.
func (q query) inDays(p page, now time.Time, zone *time.Location) (path string, err error) {
	if q.Since != "" || q.Until != "" {
		return "", nil
	}
	preset, rest, err := cutPeriod(p, q.Text)
	if err != nil || preset == "" {
		return "", err
	}
	overview := pathWith("/support/overview", map[string]string{"days": preset})
	for id, part := range map[string]string{"search_totals": "", "search_lists": "#lists"} {
		words, err := p.T(id)
		if err != nil {
			return "", err
		}
		if q.Status == "" && (rest == "" && part == "" || oneOfWords(rest, words)) {
			return overview + part, nil
		}
	}
	first, last := presetDays(preset)
	days := newPeriod(now.In(zone).AddDate(0, 0, first), now.In(zone).AddDate(0, 0, last), zone)
	q.Text, q.Since, q.Until, q.Zone = rest, days.First, days.Last, days.Zone
	return q.with("/support", ""), nil
}

// periodWords are the ids of the words for each of the periods that the overview offers.
var periodWords = map[string]string{
	"today": "search_today", "yesterday": "search_yesterday", "7": "search_7", "30": "search_30", "90": "search_90",
}

// cutPeriod returns the period at the end of a text, and what is before it.
func cutPeriod(p page, text string) (preset, rest string, err error) {
	words := strings.Fields(text)
	for _, preset := range presets {
		known, err := p.T(periodWords[preset])
		if err != nil {
			return "", "", err
		}
		for i := range words {
			if oneOfWords(strings.Join(words[i:], " "), known) {
				return preset, strings.Join(words[:i], " "), nil
			}
		}
	}
	return "", text, nil
}

// oneOfWords reports whether a text is in a list with commas, in any case.
func oneOfWords(text, list string) bool {
	for one := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(text, strings.TrimSpace(one)) {
			return true
		}
	}
	return false
}
