package staff

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"resetd/internal/reset"
)

// rfcSecret is the secret of the test vectors in RFC 6238, appendix B.
const rfcSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

func TestCodesMatchRFC6238(t *testing.T) {
	for unix, code := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		step, right := stepOf(rfcSecret, code, time.Unix(unix, 0))
		if !right || step != unix/30 {
			t.Errorf("%s at %d: got step %d, %v; want %d", code, unix, step, right, unix/30)
		}
	}
}

func TestCodeIsAcceptedOneStepEarlierAndLater(t *testing.T) {
	const code, step = "081804", 1111111109 / 30
	begins := time.Unix(step*30, 0)
	for offset, want := range map[time.Duration]bool{
		-31 * time.Second: false, -30 * time.Second: true, -time.Nanosecond: true, 0: true, 29 * time.Second: true,
		59 * time.Second: true, 60*time.Second - time.Nanosecond: true, 60 * time.Second: false, time.Hour: false,
	} {
		got, right := stepOf(rfcSecret, code, begins.Add(offset))
		if right != want || (want && got != step) {
			t.Errorf("%v after the beginning of its step: got %v with step %d, want %v", offset, right, got, want)
		}
	}
}

func TestMalformedCodeIsWrong(t *testing.T) {
	now := time.Unix(1111111109, 0)
	for code, want := range map[string]bool{
		"081804": true, "081 804": true, " 081804 ": true,
		"": false, "81804": false, "0081804": false, "081805": false, "abcdef": false, "０８１８０４": false, strings.Repeat("0", 1<<16): false,
	} {
		if _, right := stepOf(rfcSecret, code, now); right != want {
			t.Errorf("%.20q: got %v, want %v", code, right, want)
		}
	}
}

func TestSecretLinkIsReadable(t *testing.T) {
	s, err := newSecret("example.org:8080", "agent")
	if err != nil {
		t.Fatal(err)
	}
	other, _ := newSecret("example.org:8080", "agent")
	u, err := url.Parse(s.Link())
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/example.org 8080:agent" {
		t.Errorf("got %s (%v)", s.Link(), err)
	}
	q := u.Query()
	if len(s.Text()) != 32 || q.Get("secret") != s.Text() || q.Get("issuer") != "example.org 8080" || s.Text() == other.Text() {
		t.Errorf("got secret %s in %s, then %s", s.Text(), s.Link(), other.Text())
	}
}

func TestMembersAndSecretsNeverPrint(t *testing.T) {
	s, err := newSecret("example.org", "agent")
	if err != nil {
		t.Fatal(err)
	}
	m := Member{Name: "agent", PasswordHash: "$argon2id$hash", TOTP: "sealed"}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", s, "member", m)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		_, _ = fmt.Fprintf(&log, verb+verb, s, m)
	}
	for _, secret := range []string{s.Text(), "otpauth", "argon2id", "sealed"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%q is in %s", secret, log.String())
		}
	}
}

func sealerOf(t *testing.T, chars ...string) sealer {
	t.Helper()
	var raw [][]byte
	for _, c := range chars {
		raw = append(raw, []byte(strings.Repeat(c, reset.MinKeyBytes)))
	}
	keys, err := reset.NewKeys(raw...)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSealer(keys, "test")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealedSecretOpensOnlyForItsMember(t *testing.T) {
	id := uuid.New()
	sealed := sealerOf(t, "a").seal(id, rfcSecret)
	if sealed == sealerOf(t, "a").seal(id, rfcSecret) || strings.Contains(sealed, rfcSecret) {
		t.Errorf("%s contains the secret", sealed)
	}
	changed := []byte(sealed)
	changed[20] ^= 1
	for name, c := range map[string]struct {
		with   sealer
		id     reset.ID
		sealed string
		want   bool
	}{
		"the key":        {sealerOf(t, "a"), id, sealed, true},
		"an older key":   {sealerOf(t, "b", "a"), id, sealed, true},
		"another key":    {sealerOf(t, "b"), id, sealed, false},
		"another member": {sealerOf(t, "a"), uuid.New(), sealed, false},
		"changed":        {sealerOf(t, "a"), id, string(changed), false},
		"cut":            {sealerOf(t, "a"), id, sealed[:10], false},
		"no base64":      {sealerOf(t, "a"), id, "!", false},
	} {
		got, present, err := c.with.open(c.id, c.sealed)
		if (err == nil) != c.want || (c.want && got != rfcSecret) {
			t.Errorf("%s: got %q, %v; want opened %v", name, got, err, c.want)
		}
		first := sealer{c.with.aeads[:1]}
		if got, same, err := first.open(c.id, present); c.want && (err != nil || got != rfcSecret || same != present) {
			t.Errorf("%s: the first key opens %q, %v", name, got, err)
		}
	}
}
