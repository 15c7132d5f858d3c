package password

import (
	"strings"
	"testing"
)

// The command-line program of the reference implementation made these vectors
// (github.com/P-H-C/phc-winner-argon2).
var vectors = []struct{ plain, hash string }{
	{
		"correct horse battery staple",
		"$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$ISO7kkvFzh19GM8qB7patN3C3Y9HHsjlVTfEZ9T600Y",
	},
	{
		"paßwörd  x",
		"$argon2id$v=19$m=12288,t=3,p=2$MDEyMzQ1Njc4OWFiY2RlZg$CC8aZlXOPLHDmRylI246lth3P6ddZ1+Kate9k4OAqgE",
	},
}

func TestKnownAnswers(t *testing.T) {
	for _, v := range vectors {
		r := stored(t, v.hash)
		if !r.matches(typed(v.plain)) {
			t.Errorf("%q does not match %q", v.hash, v.plain)
		}
		if r.matches(typed(v.plain + " ")) {
			t.Errorf("%q matches %q with a space after it", v.hash, v.plain)
		}
		if got := r.String(); got != v.hash {
			t.Errorf("written again: got %q, want %q", got, v.hash)
		}
	}
}

// typed returns the input of resetd's own scheme for a password.
func typed(plain string) input { return Own.input(plain) }

// stored reads a valid argon2 hash.
func stored(t *testing.T, text string) argon2Hash {
	t.Helper()
	r, err := read(text)
	a, ok := r.(argon2Hash)
	if err != nil || !ok {
		t.Fatalf("read(%q) = %+v, %v, want argon2", text, r, err)
	}
	return a
}

func TestUnreadableHashes(t *testing.T) {
	const salt, key = "c29tZXNhbHRzb21lc2FsdA", "ISO7kkvFzh19GM8qB7patN3C3Y9HHsjlVTfEZ9T600Y"
	valid := "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + key
	with := func(part, other string) string { return strings.Replace(valid, part, other, 1) }
	if _, err := read(valid); err != nil {
		t.Fatalf("read(%q) = %v", valid, err)
	}
	for name, text := range map[string]string{
		"empty":                "",
		"unusable in Django":   "!" + valid,
		"argon2d":              with("argon2id", "argon2d"),
		"no version":           with("v=19$", ""),
		"old version":          with("v=19", "v=16"),
		"4 GiB":                with("m=19456", "m=4194304"),
		"more than 32 bits":    with("m=19456", "m=4294986752"),
		"an hour of passes":    with("t=2", "t=4294967295"),
		"no passes":            with("t=2", "t=0"),
		"256 threads":          with("p=1", "p=256"),
		"no threads":           with("p=1", "p=0"),
		"negative":             with("t=2", "t=-2"),
		"signed":               with("t=2", "t=+2"),
		"no number":            with("t=2", "t="),
		"a parameter twice":    with("t=2", "m=19456"),
		"a name of two":        with("t=2,p=1", "tp=2"),
		"unknown parameter":    with("p=1", "p=1,data=AAAA"),
		"missing parameter":    with(",p=1", ""),
		"short salt":           with(salt, "c29tZXM"),
		"long salt":            with(salt, strings.Repeat("c29t", 22)),
		"no key":               with("$"+key, ""),
		"empty key":            with(key, ""),
		"key of one byte":      with(key, "IQ"),
		"long key":             with(key, strings.Repeat("ISO7", 22)),
		"padded":               valid + "=",
		"spare bits":           strings.TrimSuffix(valid, "Y") + "Z",
		"line break":           valid + "\n",
		"line break in base64": with("ISO7", "ISO\n7"),
		"something after":      valid + "$",
	} {
		if r, err := read(text); err == nil {
			t.Errorf("%s: read(%q) = %+v, want an error", name, text, r)
		}
	}
}
