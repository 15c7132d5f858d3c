package reset

import (
	"regexp"
	"strings"

	"github.com/google/uuid"
)

// longRun matches a text in which a token may be: a link in a URL's query is encoded, so
// other letters may stick to it.
var longRun = regexp.MustCompile(`[A-Za-z2-7]{52,}`)

// NameTokens replaces each token in a text by the id in it. People paste whole links
// into search boxes and notes. What is kept of these must not open an account.
func NameTokens(text string) string {
	return longRun.ReplaceAllStringFunc(text, func(run string) string {
		for i := 0; i+tokenChars <= len(run); i++ {
			if t, ok := decoded(strings.ToLower(run[i : i+tokenChars])); ok && random(t.id()) {
				return run[:i] + t.id().String() + NameTokens(run[i+tokenChars:])
			}
		}
		return run
	})
}

// random reports whether an id is one of ours. Of 1,000 other texts as long as a token, one
// passes for it.
func random(id ID) bool { return id.Version() == 4 && id.Variant() == uuid.RFC4122 }
