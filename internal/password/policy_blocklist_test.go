package password

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func lines(t *testing.T) []string {
	t.Helper()
	text, ok := strings.CutSuffix(unpack(packed), "\n")
	if !ok {
		t.Fatal("the blocklist does not end with a line break")
	}
	return strings.Split(text, "\n")
}

func TestBlocklistIsComplete(t *testing.T) {
	list := lines(t)
	if got, want := len(list), 49233; got != want {
		t.Errorf("got %d passwords, want %d", got, want)
	}
	if !slices.IsSorted(list) || len(slices.Compact(slices.Clone(list))) != len(list) {
		t.Error("the blocklist is not sorted, or has a password twice")
	}
	for _, p := range list {
		if p == "" || fold(p) != p {
			t.Errorf("got %q, want it folded: %q", p, fold(p))
		}
	}
}

func TestCommonPasswordsAreRefused(t *testing.T) {
	checked := 0
	for _, p := range lines(t) {
		if n := utf8.RuneCountInString(p); n < DefaultMinLength || n > DefaultMaxLength {
			if !common(p) {
				t.Errorf("common(%q) = false, want true", p)
			}
			continue
		}
		checked++
		for _, typed := range []string{p, strings.ToUpper(p)} {
			if got := (Policy{}).Check(typed, typed, Person{}); !slices.Equal(got, []Problem{Common}) {
				t.Errorf("Check(%q) = %q, want %q", typed, got, Common)
			}
		}
	}
	if want := 17950; checked != want {
		t.Errorf("checked %d passwords that are long enough, want %d", checked, want)
	}
}

func TestNeighboursOfCommonPasswordsAreAccepted(t *testing.T) {
	list := lines(t)
	for _, p := range []string{"", "\n", list[0] + "\n" + list[1], " password", "password ", "passwor\n", good} {
		if common(p) {
			t.Errorf("common(%q) = true, want false", p)
		}
	}
}

func TestHolds(t *testing.T) {
	const text = "b\nbb\nd\n"
	for line, want := range map[string]bool{
		"b": true, "bb": true, "d": true,
		"": false, "a": false, "ba": false, "bbb": false, "c": false, "dd": false, "e": false,
		"b\n": false, "b\nbb": false, "\n": false,
	} {
		if got := holds(text, line); got != want {
			t.Errorf("holds(%q, %q) = %t, want %t", text, line, got, want)
		}
		if holds("", line) {
			t.Errorf("the empty text holds %q", line)
		}
	}
}

func TestDamagedBlocklistPanics(t *testing.T) {
	flipped := []byte(packed)
	flipped[len(flipped)/2] ^= 1
	for name, gz := range map[string]string{
		"flipped bit": string(flipped),
		"cut off":     packed[:len(packed)/2],
		"other":       "passwords",
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: unpacked without a panic", name)
				}
			}()
			unpack(gz)
		}()
	}
}

func BenchmarkCommon(b *testing.B) {
	common("") // unpacks the list
	b.ReportAllocs()
	for b.Loop() {
		common(good)
	}
}

func BenchmarkUnpack(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		unpack(packed)
	}
}
