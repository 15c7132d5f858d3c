package history

import (
	"testing"

	"resetd/internal/reset"
)

// Whoever asks why a link does not work must read that it has expired.
func TestSituationSaysThatALinkExpired(t *testing.T) {
	for want, edit := range map[string]func(*Life){
		"now_unopened_expired":       func(l *Life) { l.Mail = reset.MailBounced },
		"now_opened_expired":         func(l *Life) { l.OpenedAt, l.OpenedByIP = l.CreatedAt, asker },
		"now_opened_scanner_expired": func(l *Life) { l.Scanned = reset.ScannedOnly },
		"now_opened_perhaps_expired": func(l *Life) { l.Scanned = reset.ScannedPerhaps },
	} {
		parts := Situation(1, []Life{life(edit, func(l *Life) { l.ExpiresAt = now })}, now, now)
		if got := parts[len(parts)-1].ID; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
