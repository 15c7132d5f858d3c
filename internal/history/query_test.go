package history

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

func TestReadings(t *testing.T) {
	id := uuid.MustParse("0b5f3411-2222-4333-8444-555555555555")
	network := func(text string) Filter { return Filter{Network: netip.MustParsePrefix(text)} }
	for text, want := range map[string][]Reading{
		"":                                    {{Anything, Filter{}}},
		"  user@Example.org ":                 {{Address, Filter{Email: "user@example.org"}}, {User, Filter{UserID: "user@Example.org"}}, {Part, Filter{Part: "user@example.org"}}},
		"<mailto:user@example.org>,":          {{Address, Filter{Email: "user@example.org"}}, {User, Filter{UserID: "user@example.org"}}, {Part, Filter{Part: "user@example.org"}}},
		`"User, Example" <user@example.org>;`: {{Address, Filter{Email: "user@example.org"}}, {User, Filter{UserID: "user@example.org"}}, {Part, Filter{Part: "user@example.org"}}},
		"192.0.2.66,":                         {{IP, network("192.0.2.66/32")}},
		"<>":                                  {{User, Filter{UserID: "<>"}}, {Part, Filter{Part: "<>"}}},
		"us%_er":                              {{User, Filter{UserID: "us%_er"}}, {Part, Filter{Part: "us%_er"}}},
		"@Example.org":                        {{User, Filter{UserID: "@Example.org"}}, {Part, Filter{Part: "@example.org"}}},
		"42":                                  {{User, Filter{UserID: "42"}}, {Part, Filter{Part: "42"}}},
		id.String():                           {{Reset, Filter{ID: id}}, {User, Filter{UserID: id.String()}}, {Part, Filter{Part: id.String()}}},
		"{" + id.String() + "}":               {{Reset, Filter{ID: id}}, {User, Filter{UserID: "{" + id.String() + "}"}}, {Part, Filter{Part: "{" + id.String() + "}"}}},
		"https://example.org/support/resets/" + id.String() + "?done=sent": {{Reset, Filter{ID: id}}, {User, Filter{UserID: id.String()}}, {Part, Filter{Part: id.String()}}},
		"0B5f3411":                     {{Beginning, Filter{IDPrefix: "0b5f3411"}}, {User, Filter{UserID: "0B5f3411"}}, {Part, Filter{Part: "0b5f3411"}}},
		"203.0.113.9":                  {{IP, network("203.0.113.9/32")}},
		"::ffff:203.0.113.9":           {{IP, network("203.0.113.9/32")}},
		"fe80::1%eth0":                 {{IP, network("fe80::1/128")}},
		"203.0.113.9/24":               {{Network, network("203.0.113.0/24")}},
		"2001:db8::/32":                {{Network, network("2001:db8::/32")}},
		"203.0.113.0/33":               nil,
		"::ffff:203.0.113.0/120":       nil,
		"300.0.113.0/24":               nil,
		"a\x00b":                       nil,
		strings.Repeat("x", 321):       nil,
		"two\nlines":                   {{User, Filter{UserID: "two\nlines"}}, {Part, Filter{Part: "two\nlines"}}},
		"12/34":                        {{User, Filter{UserID: "12/34"}}, {Part, Filter{Part: "12/34"}}},
		"jürgen@":                      {{User, Filter{UserID: "jürgen@"}}, {Part, Filter{Part: "jürgen@"}}},
		"ju\u0308rgen@":                {{User, Filter{UserID: "ju\u0308rgen@"}}, {Part, Filter{Part: "jürgen@"}}},
		"@Bücher.example":              {{User, Filter{UserID: "@Bücher.example"}}, {Part, Filter{Part: "@bücher.example"}}, {Part, Filter{Part: "@xn--bcher-kva.example"}}},
		uuid.Nil.String():              {{User, Filter{UserID: uuid.Nil.String()}}, {Part, Filter{Part: uuid.Nil.String()}}},
		"staff/24":                     {{User, Filter{UserID: "staff/24"}}, {Part, Filter{Part: "staff/24"}}},
		strings.ToUpper("ÄRGER") + ".": {{User, Filter{UserID: "ÄRGER."}}, {Part, Filter{Part: "ärger."}}, {Part, Filter{Part: "xn--rger-koa."}}},
	} {
		got, err := Readings(text)
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
		if why, unreadable := errors.AsType[Unreadable](err); unreadable != (want == nil) || unreadable && why.Error() == Unreadable("").Error() {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

func FuzzReadings(f *testing.F) {
	f.Add("203.0.113.0/24")
	f.Add("user@example.org")
	f.Add(uuid.Nil.String())
	f.Fuzz(func(t *testing.T, text string) {
		all, err := Readings(text)
		if err == nil && len(all) == 0 {
			t.Errorf("%q has no reading", text)
		}
		for _, r := range all {
			if (r.Filter == Filter{}) != (r.Kind == Anything) {
				t.Errorf("%q: got kind %s with filter %+v", text, r.Kind, r.Filter)
			}
			if r.Filter.Network.IsValid() && r.Filter.Network != r.Filter.Network.Masked() {
				t.Errorf("%q: %v is not masked", text, r.Filter.Network)
			}
		}
	})
}
