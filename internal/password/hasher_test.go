package password

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// quick returns a real Hasher with weak parameters, which NewHasher would refuse.
func quick() *Hasher {
	return quickly(Own)
}

func quickly(s Scheme) *Hasher {
	return newHasher(Config{Params: Params{MemoryKiB: 8, Passes: 1, Threads: 1}, Scheme: s, Workers: 2, Queue: minQueue})
}

// tester is a *testing.T, *testing.B or *rapid.T.
type tester interface {
	Helper()
	Context() context.Context
	Fatalf(format string, args ...any)
}

func hashed(t tester, h *Hasher, plain string) string {
	t.Helper()
	text, err := h.Hash(t.Context(), ForReset, plain)
	if err != nil {
		t.Fatalf("Hash(%q) = %v", plain, err)
	}
	return text
}

func verify(t tester, h *Hasher, text, plain string) bool {
	t.Helper()
	ok, err := h.Verify(t.Context(), ForSignIn, text, plain)
	if err != nil {
		t.Fatalf("Verify(%q, %q) = %v", text, plain, err)
	}
	return ok
}

func TestNewHasher(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  Config
		good bool
	}{
		"defaults":          {Config{Params: OWASP}, true},
		"all set":           {Config{Params: OWASP, Workers: 3, Queue: minQueue}, true},
		"no parameters":     {Config{}, false},
		"weak":              {Config{Params: Params{19456, 1, 1}}, false},
		"above the caps":    {Config{Params: Params{MaxMemoryKiB + 1, 2, 1}}, false},
		"short queue":       {Config{Params: OWASP, Queue: minQueue - 1}, false},
		"negative queue":    {Config{Params: OWASP, Queue: -1}, false},
		"negative workers":  {Config{Params: OWASP, Workers: -1}, false},
		"floor of 5 passes": {Config{Params: Params{7168, 5, 1}}, true},
	} {
		if _, err := NewHasher(c.cfg); (err == nil) != c.good {
			t.Errorf("%s: NewHasher(%+v) = %v, want good: %t", name, c.cfg, err, c.good)
		}
	}
}

// A service has more threads than processors, and must not hash more at the same time.
func TestHasherDefaults(t *testing.T) {
	processors := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors + 1))
	h, err := NewHasher(Config{Params: OWASP})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := h.pool.workers, int64(processors); got != want || h.pool.queue != defaultQueue {
		t.Errorf("got %d workers and a queue of %d, want %d and %d", got, h.pool.queue, want, defaultQueue)
	}
}

func TestHashHasTheStandardForm(t *testing.T) {
	h, err := NewHasher(Config{Params: OWASP})
	if err != nil {
		t.Fatal(err)
	}
	text := hashed(t, h, "a good password")
	if want := "$argon2id$v=19$m=19456,t=2,p=1$"; !strings.HasPrefix(text, want) {
		t.Errorf("got %q, want the prefix %q", text, want)
	}
	a := stored(t, text)
	if len(a.salt) != 16 || len(a.key) != 32 {
		t.Errorf("got %d bytes of salt and %d of key, want 16 and 32", len(a.salt), len(a.key))
	}
	if !verify(t, h, text, "a good password") || !h.Usable(text) {
		t.Errorf("%q does not verify", text)
	}
	if again := hashed(t, h, "a good password"); again == text {
		t.Errorf("hashed twice: both times %q, want a new salt", text)
	}
}

func TestHashedPasswordVerifies(t *testing.T) {
	h := quick()
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.StringN(0, 20, -1).Draw(t, "plain")
		text := hashed(t, h, plain)
		for _, form := range []norm.Form{norm.NFC, norm.NFD} {
			if typed := form.String(plain); !verify(t, h, text, typed) {
				t.Fatalf("hashed %+q, typed %+q: no match", plain, typed)
			}
		}
	})
}

func TestOtherPasswordDoesNotVerify(t *testing.T) {
	h := quick()
	rapid.Check(t, func(t *rapid.T) {
		plain := []rune(rapid.StringN(1, 20, -1).Draw(t, "plain"))
		text := hashed(t, h, string(plain))
		other := slices.Clone(plain)
		other[rapid.IntRange(0, len(plain)-1).Draw(t, "place")] = rapid.Rune().Draw(t, "rune")
		same := norm.NFC.String(string(plain)) == norm.NFC.String(string(other))
		if got := verify(t, h, text, string(other)); got != same {
			t.Fatalf("hashed %+q, typed %+q: match %t, want %t", string(plain), string(other), got, same)
		}
	})
}

func TestPasswordsAreNeitherTrimmedNorCut(t *testing.T) {
	h := quick()
	long := strings.Repeat("a", 72) // the limit of bcrypt
	huge := strings.Repeat("a", 64<<10)
	for _, c := range []struct{ hashed, typed string }{
		{long + "x", long + "y"},
		{long, long + "y"},
		{huge + "x", huge + "y"},
		{"password", "password "},
		{"password", " password"},
		{"pass word", "password"},
		{"password", "Password"},
		{"password", "password\x00"},
		{"pass\x00word", "pass"},
		{"\uff41nna", "anna"}, // equal only in NFKC
		{"", " "},
	} {
		text := hashed(t, h, c.hashed)
		if !verify(t, h, text, c.hashed) {
			t.Errorf("%.80q does not verify as itself", c.hashed)
		}
		if verify(t, h, text, c.typed) {
			t.Errorf("hashed %.80q, typed %.80q: they match", c.hashed, c.typed)
		}
	}
}

// spy is a model that records the passwords. It reports a match for every password.
type spy struct {
	argon2Hash
	typed []string
}

func (s *spy) matches(in input) bool {
	s.typed = append(s.typed, in.whole())
	return true
}

func TestUnusableHashCostsTheSame(t *testing.T) {
	h := quick()
	if model, ok := h.model.(argon2Hash); !ok || model.params != h.params {
		t.Errorf("model is %+v, want %+v", h.model, h.params)
	}
	for _, text := range []string{"", "!", "$argon2id$", "$2b$12$abc", hostile} {
		s := &spy{}
		h.model = s
		if verify(t, h, text, "password") {
			t.Errorf("%q verifies", text)
		}
		if len(s.typed) != 1 || s.typed[0] != "password" {
			t.Errorf("%q: the model hashed %q, want the password once", text, s.typed)
		}
	}
}

const hostile = "$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$ISO7kkvFzh19GM8qB7patN3C3Y9HHsjlVTfEZ9T600Y"

func TestCostlyHashTakesNoMemory(t *testing.T) {
	h := quick()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if verify(t, h, hostile, "password") {
		t.Errorf("%q verifies", hostile)
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
		t.Errorf("Verify(%q) allocated %d bytes, want less than 1 MiB", hostile, took)
	}
}

func TestPlaces(t *testing.T) {
	h := newHasher(Config{Params: OWASP, Workers: 4, Queue: minQueue})
	for memory, want := range map[uint32]int64{0: 1, 8: 1, 19456: 1, 19457: 2, 2 * 19456: 2, 102400: 6} {
		if got := h.places(argon2Hash{params: Params{MemoryKiB: memory}}); got != want {
			t.Errorf("places of %d KiB: got %d, want %d", memory, got, want)
		}
	}
}

func TestHasherErrors(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	full := quick()
	full.pool.running.TryAcquire(full.pool.workers)
	full.pool.waiting = full.pool.queue
	for name, c := range map[string]struct {
		h    *Hasher
		ctx  context.Context
		want error
	}{
		"full":  {full, t.Context(), ErrBusy},
		"ended": {quick(), ended, context.Canceled},
	} {
		if got, err := c.h.Hash(c.ctx, ForReset, "password"); !errors.Is(err, c.want) || got != "" {
			t.Errorf("%s: Hash = %q, %v, want %v", name, got, err, c.want)
		}
		if got, err := c.h.Verify(c.ctx, ForSignIn, "", "password"); !errors.Is(err, c.want) || got {
			t.Errorf("%s: Verify = %t, %v, want %v", name, got, err, c.want)
		}
	}
}

func BenchmarkHashOWASP(b *testing.B) {
	h, err := NewHasher(Config{Params: OWASP})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		hashed(b, h, "a good password")
	}
}
