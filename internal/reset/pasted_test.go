package reset_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"resetd/internal/reset"
)

// Neither a link in an encoded URL nor one in upper case keeps its secret, and other texts stay.
func TestTokensArePastedAsIDs(t *testing.T) {
	keys, err := reset.NewKeys(make([]byte, reset.MinKeyBytes))
	if err != nil {
		t.Fatal(err)
	}
	id := uuid.New()
	token := keys.Token(reset.PurposeResetLink, id).Encode()
	long := strings.Repeat("walrus", 12) + "@example.org"
	for text, want := range map[string]string{
		token:                                 id.String(),
		strings.ToUpper(token):                id.String(),
		"/support?q=%2Fconfirm%2F" + token:    "/support?q=%2Fconfirm%2F" + id.String(),
		"see " + token + "and " + token + ".": "see " + id.String() + "and " + id.String() + ".",
		token[1:]:                             token[1:], // it opens nothing
		long:                                  long,
		"":                                    "",
	} {
		if got := reset.NameTokens(text); got != want {
			t.Errorf("NameTokens(%q) = %q, want %q", text, got, want)
		}
	}
}
