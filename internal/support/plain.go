package support

import (
	"strings"

	"resetd/internal/reset"
)

// plain says a word of the record in those of the catalogue. One that is not in
// it, since another version wrote it, is shown as it stands.
func (p page) plain(prefix, word string) string {
	text, err := p.T(prefix + strings.ReplaceAll(word, " ", "_"))
	if err != nil {
		return word
	}
	return text
}

// By says who asked for a reset, or who or what ended it.
func (p page) By(who string) string {
	kind, name, named := strings.Cut(who, ":")
	if !named {
		return p.plain("by_", who)
	}
	text, err := p.T("by_"+kind, "Name", name)
	if err != nil {
		return who
	}
	return text
}

// Detail says what there is to know of a moment beyond its kind.
func (p page) Detail(m moment) string {
	switch m.Word {
	case "asked", "revoked":
		return p.By(m.Detail)
	case "withheld":
		return p.plain("reason_", m.Detail)
	case "opened_scanner":
		return p.plain("rule_", m.Detail)
	case "refused":
		return p.refusal(m.Detail)
	default:
		return m.Detail // the words of a mail server
	}
}

// rules says what opens look like a mail scanner's by.
func (p page) rules(all []string) string {
	words := make([]string, len(all))
	for i, rule := range all {
		words[i] = p.plain("rule_", rule)
	}
	return strings.Join(words, ", ")
}

// refusal says why an attempt with a link was refused.
func (p page) refusal(why string) string {
	weak, found := strings.CutPrefix(why, reset.PasswordRefused)
	if !found {
		return p.plain("refused_", why)
	}
	words := strings.Split(weak, ", ")
	for i, word := range words {
		words[i] = p.plain("weak_", word)
	}
	return p.plain("refused_", "password") + ": " + strings.Join(words, ", ")
}

// Refusal says why something that a member tried was not done.
func (p page) Refusal(why string) string { return p.plain("denied_", why) }
