package support

import (
	"net/netip"
	"strconv"
	"strings"

	"resetd/internal/history"
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

// say returns a text with parameters, or its id if the catalogue does not have it.
func (p page) say(id string, pairs ...any) string {
	text, err := p.T(id, pairs...)
	if err != nil {
		return id
	}
	return text
}

// Place returns an IP address or a network as it is shown: the record has :: for a visitor
// whose address the proxy did not pass on.
func (p page) Place(text string) string {
	if ip, _, _ := strings.Cut(text, "/"); ip == netip.IPv6Unspecified().String() {
		return p.plain("", "support_unknown_ip")
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
	reason, n := reset.Number(m.Detail)
	switch m.Word {
	case "asked", "revoked":
		return p.By(m.Detail)
	case "withheld":
		return p.plain("reason_", m.Detail)
	case string(reset.EventLocked):
		return p.plain("lock_", m.Detail)
	case "opened_scanner":
		return p.numbered(p.plain("rule_", reason), n)
	case "refused":
		return p.numbered(p.linkRefusal(reason), n)
	case string(reset.EventOpened), string(reset.EventSignInFailed), string(reset.EventWrongPassword):
		return p.numbered(reason, n)
	default:
		return m.Detail // the reply of a mail server
	}
}

// numbered adds the number of an event of which there were many.
func (p page) numbered(text string, n int) string {
	if n == 0 {
		return text
	}
	number, err := p.T("support_number", "Number", grouped(n))
	if err != nil {
		return text
	}
	return strings.TrimPrefix(text+", "+number, ", ")
}

// rules returns the names of scanner rules in words.
func (p page) rules(all []string) string {
	words := make([]string, len(all))
	for i, rule := range all {
		words[i] = p.plain("rule_", rule)
	}
	return strings.Join(words, ", ")
}

// linkRefusal returns why an attempt with a link was refused, in words.
func (p page) linkRefusal(why string) string {
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

// StaffRefusal returns why a member's action was refused, in words.
func (p page) StaffRefusal(why string) string { return p.plain("staff_refused_", why) }

// OutcomeClass returns the colour of an outcome: good, bad, waiting or ended.
func (page) OutcomeClass(o history.Outcome) string {
	switch o {
	case history.Used:
		return "good"
	case history.MailBounced, history.MailRefused:
		return "bad"
	case history.BeingLookedUp, history.OpenedUnused, history.MailWaits, history.NotOpened, history.OpenedByScanner, history.OpenedPerhaps:
		return "waiting"
	default:
		return "ended"
	}
}

func outcomeSlug(o history.Outcome) string { return strings.ReplaceAll(string(o), ",", "") }

// Outcome returns an outcome in words.
func (p page) Outcome(o history.Outcome) string { return p.plain("outcome_", outcomeSlug(o)) }

// together joins the parts that are not empty.
func together(parts []string) string {
	var some []string
	for _, part := range parts {
		if part != "" {
			some = append(some, part)
		}
	}
	return strings.Join(some, ", ")
}

// grouped returns a number with commas between the thousands.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
