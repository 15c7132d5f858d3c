package password

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestResembles(t *testing.T) {
	anna := Person{Name: "Anna Berg", Email: "anna.berg@mail.example.org"}
	for _, c := range []struct {
		who      Person
		password string
		want     bool
	}{
		// name
		{anna, "anna1234", true},
		{anna, "ANNA1234", true},
		{anna, "1992annaberg", true},
		{anna, "berg-1992", true},
		{anna, "Anna.Berg!2024", true},
		{anna, "a.n.n.a-1234", true},
		{anna, "annannanna", true},
		{anna, "anna!$%&/()=", true}, // other signs do not count
		{anna, "grebanna", true},     // backwards
		{anna, "12anna34", true},
		{anna, "Ａｎｎａ１２３４", true}, // full width
		{anna, "ann\u00e41234", true},
		{anna, "anna12345", false}, // 5 others
		{anna, "an1na234", false},
		{anna, "anna plays the cello at dawn", false},
		{anna, "joanna likes 9 tigers", false},
		// address
		{anna, "anna.berg@mail.example.org", true},
		{anna, "mail.example.org", true},
		{anna, "example2024", true},
		{anna, "exampleorg1", true},
		{anna, "org-12345", false}, // a top-level domain does not count
		{someone, "user@example.org", true},
		{someone, "useruser99", true},
		// site
		{Person{}, "tigershop99", true},
		{Person{}, "Tiger Shop", true},
		{Person{}, "pohsregit", true},
		{Person{}, "login.tigers.example", true},
		{Person{}, "tigers-1999", true},
		{Person{}, "shop with the striped cat", false},
		// neither
		{Person{}, "", false},
		{Person{}, "12345", false},
		{Person{}, "!$%&/()=", false},
		{anna, good, false},
		// scripts
		{Person{Name: "René Müller"}, "rene1234", true},
		{Person{Name: "Rene Muller"}, "Müller-99", true},
		{Person{Name: "Пример"}, "ПРИМЕР99", true},
		{Person{Name: "Straße"}, "STRASSE1", true},
		{Person{Name: "김예시"}, "김예시1234", true},
		{Person{Name: "김예시"}, "김예시가나다라마", false},
		// short words
		{Person{Name: "Al Bo"}, "albo1234", true}, // the whole name, although its parts are too short
		{Person{Name: "Al Bo"}, "al-12345", false},
		{Person{Name: "Al Bo"}, "al bo the 9th", false},
		{Person{Email: "me@example.org"}, "me123456", false},
		{Person{Email: "me@localhost"}, "localhost", true},
		{Person{Email: "no address"}, "noaddress1", true},
	} {
		words := wordsOf("Tiger Shop login.tigers.example", c.who)
		if got := resembles(c.password, words); got != c.want {
			t.Errorf("%+v: resembles(%q) = %t, want %t; words %q", c.who, c.password, got, c.want, words)
		}
	}
}

func TestWordsOf(t *testing.T) {
	got := wordsOf("Tigers login.example.net", Person{Name: "Ann O’Example-User", Email: "ann.user+x@mail.example.org"})
	slices.Sort(got)
	got = slices.Compact(got)
	want := []string{
		"ann", "annoexampleuser", "annuserx", "annuserxmailexampleorg", "example", "login",
		"loginexamplenet", "mail", "mailexampleorg", "tigers", "tigersloginexamplenet", "user",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
	if got := wordsOf("", Person{}); len(got) != 0 {
		t.Errorf("without a person: got %q", got)
	}
}

// A word with up to 4 more letters or digits resembles, in every position.
func TestWordWithFewOthersResembles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-z]{3,12}`).Draw(t, "word")
		before := rapid.StringMatching(`[0-9!. ]{0,2}`).Draw(t, "before")
		after := rapid.StringMatching(`[0-9!. ]{0,2}`).Draw(t, "after")
		for _, middle := range []string{word, strings.ToUpper(word), word + word} {
			if plain := before + middle + after; !resembles(plain, []string{word}) {
				t.Fatalf("resembles(%q, %q) = false, want true", plain, word)
			}
		}
		if plain := before + word + "67890"; resembles(plain, []string{word}) {
			t.Fatalf("resembles(%q, %q) = true, want false", plain, word)
		}
	})
}
