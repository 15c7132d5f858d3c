package support

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"resetd/internal/history"
)

// inDays returns where a search leads whose text ends with days, such as
// "203.0.113.0/24 yesterday", "failed last week" or "used 2031-05-06": to the resets of its
// days, or to its overview if nothing else is looked for. It returns "" if the text has no
// days.
func (q query) inDays(p page, now time.Time, zone *time.Location) (path string, err error) {
	if q.Since != "" || q.Until != "" {
		return "", nil
	}
	days, rest, err := cutDays(p, q.Text, now.In(zone))
	if err == nil && days.Count == 0 { // a question may go on after its days
		var asked string
		if asked, err = withoutFillers(p, q.Text); err == nil {
			days, rest, err = cutDays(p, asked, now.In(zone))
		}
	}
	if err != nil {
		return "", err
	}
	if days.Count == 0 {
		if key := keyIn(q.Text); key != q.Text {
			q.Text = key
			return q.with("/support", ""), nil
		}
		return "", nil
	}
	rest = keyIn(rest)
	parameters := map[string]string{"days": days.Preset}
	if days.Preset == "" {
		parameters = map[string]string{"since": days.First, "until": days.Last, "zone": days.Zone}
	}
	q.Text, q.Since, q.Until, q.Zone = rest, days.First, days.Last, days.Zone
	if q.Status == "" {
		if rest == "" {
			return pathWith("/support/overview", parameters), nil
		}
		if path, err = q.byWords(p, parameters); path != "" || err != nil {
			return path, err
		}
	}
	return q.with("/support", ""), nil
}

// keyIn returns the address, the IP address or the network in a question, such as "which people
// were asked for from 203.0.113.0/24". It returns other texts, and those with several, unchanged.
func keyIn(text string) string {
	words := strings.Fields(text)
	if !strings.Contains(history.SearchText(text), " ") { // one word, or an address with its owner's name
		return text
	}
	words = slices.DeleteFunc(words, func(word string) bool { return !isKey(strings.Trim(word, ",.?!")) })
	if len(words) != 1 {
		return text
	}
	return strings.Trim(words[0], ",.?!")
}

func isKey(text string) bool {
	readings, err := history.Readings(text)
	return err == nil && slices.Contains([]history.Kind{history.Address, history.IP, history.Network}, readings[0].Kind)
}

// byWords returns where words lead that are no name, address or id: to the overview with
// these parameters, or to the resets with a status or a reason. It returns "" for other words.
func (q query) byWords(p page, overview map[string]string) (path string, err error) {
	asked, err := withoutFillers(p, q.Text)
	if err != nil || asked == "" && strings.Contains(q.Text, " ") {
		return pathWith("/support/overview", overview), err
	}
	for id, part := range map[string]string{"search_totals": "", "search_lists": "#lists"} {
		words, err := p.T(id)
		if err != nil {
			return "", err
		}
		if oneOfWords(q.Text, words) || oneOfWords(asked, words) {
			return pathWith("/support/overview", overview) + part, nil
		}
	}
	for _, text := range []string{q.Text, asked} {
		if q.Status == "" && err == nil {
			q.Status, err = statusOf(p, text)
		}
	}
	if q.Status == "" || err != nil {
		return "", err
	}
	q.Text = ""
	return q.with("/support", ""), nil
}

// withoutFillers returns a text without the words of a question that are the same in most
// of them, such as "how many", and without its punctuation.
func withoutFillers(p page, text string) (string, error) {
	fillers, err := p.T("search_fillers")
	var kept []string
	for word := range strings.FieldsSeq(text) {
		if word = strings.Trim(word, ",.?!"); word != "" && !oneOfWords(word, fillers) {
			kept = append(kept, word)
		}
	}
	return strings.Join(kept, " "), err
}

// periodWords are the ids of the words for each of the periods that the overview offers.
var periodWords = map[string]string{
	"today": "search_today", "yesterday": "search_yesterday", "7": "search_7", "30": "search_30", "90": "search_90",
}

// cutDays returns the days at the end of a text, and what is before them. The period has no
// days if the text has none.
func cutDays(p page, text string, now time.Time) (days period, rest string, err error) {
	words := strings.Fields(text)
	for _, preset := range presets {
		known, err := p.T(periodWords[preset])
		if err != nil {
			return period{}, "", err
		}
		for i := range words {
			if oneOfWords(strings.Join(words[i:], " "), known) {
				first, last := presetDays(preset)
				days = newPeriod(now.AddDate(0, 0, first), now.AddDate(0, 0, last), now.Location())
				days.Preset = preset
				return days, strings.Join(words[:i], " "), nil
			}
		}
	}
	if len(words) == 0 {
		return period{}, text, nil
	}
	if day, _, ok := history.ParseDay(words[len(words)-1]); ok {
		return newPeriod(day, day, now.Location()), strings.Join(words[:len(words)-1], " "), nil
	}
	return period{}, text, nil
}

// statusOf returns the status or the reason with these words; "" if there is none.
func statusOf(p page, words string) (found string, err error) {
	all, err := choices(p, "")
	for _, reason := range history.Reasons { // without "withheld"
		text, e := p.T("reason_" + string(reason))
		all, err = append(all, choice{Value: string(reason), Text: text}), cmp.Or(err, e)
	}
	for _, c := range all {
		if strings.EqualFold(words, c.Text) {
			found = c.Value
		}
	}
	return found, err
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
