package support

import (
	"strings"

	"resetd/internal/reset"
)

// plain returns the text for a word of the record. A word without a text, which
// another version wrote, is returned unchanged.
func (p page) plain(prefix, word string) string {
	text, err := p.T(prefix + strings.ReplaceAll(word, " ", "_"))
	if err != nil {
		return word
	}
	return text
}

// By returns who requested a reset, or who or what ended it, in words.
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

// Detail returns the details of a moment in words.
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
		return m.Detail // the reply of a mail server
	}
}

// rules returns the names of scanner rules in words.
func (p page) rules(all []string) string {
	words := make([]string, len(all))
	for i, rule := range all {
		words[i] = p.plain("rule_", rule)
	}
	return strings.Join(words, ", ")
}

// refusal returns why an attempt with a link was refused, in words.
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

// Refusal returns why a member's action was refused, in words.
func (p page) Refusal(why string) string { return p.plain("denied_", why) }
