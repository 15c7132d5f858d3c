package history_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"resetd/internal/history"
	"resetd/internal/reset"
)

func sample() (reset.Reset, time.Time) {
	at := time.Date(2031, 5, 6, 7, 8, 9, 123456000, time.UTC)
	return reset.Reset{
		ID: uuid.MustParse("11111111-2222-4333-8444-555555555555"), CreatedAt: at, ExpiresAt: at.Add(time.Hour),
		UserID: "=7", Email: "@cell@example.org", CreatedByIP: netip.MustParseAddr("203.0.113.9"), CreatedByAgent: "\x1b[31mred\nline",
		RequestedBy: "user", AccountState: "a secret state", Mail: reset.MailAccepted, UsedAt: at.Add(time.Minute), UsedByIP: netip.MustParseAddr("2001:db8::1"),
	}, at.Add(time.Hour)
}

func writeAll(out history.Writer, r reset.Reset, now time.Time) error {
	return errors.Join(out.Write(r, now), out.Close())
}

func write(t *testing.T, format string) string {
	t.Helper()
	r, now := sample()
	var out strings.Builder
	if err := writeAll(history.Formats[format](&out), r, now); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), r.AccountState) {
		t.Errorf("%s contains the account's state", format)
	}
	return out.String()
}

func TestJSONFormat(t *testing.T) {
	var got map[string]any
	if err := json.Unmarshal([]byte(write(t, "json")), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"id": "11111111-2222-4333-8444-555555555555", "created_at": "2031-05-06T07:08:09.123456Z", "expires_at": "2031-05-06T08:08:09.123456Z",
		"user_id": "=7", "email": "@cell@example.org", "created_by_ip": "203.0.113.9", "created_by_agent": "\x1b[31mred\nline",
		"requested_by": "user", "withheld": nil, "mail": "accepted", "opened_at": nil, "opened_by_ip": nil, "used_at": "2031-05-06T07:09:09.123456Z",
		"used_by_ip": "2001:db8::1", "used_by_agent": nil, "revoked_at": nil, "revoked_by": nil, "status": "used", "was_used": true, "outcome": "used",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestCSVDefusesFormulas(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(write(t, "csv"))).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("got %v %v, want a header and a row", rows, err)
	}
	got := map[string]string{}
	for i, name := range rows[0] {
		got[name] = rows[1][i]
	}
	for name, want := range map[string]string{"user_id": "'=7", "email": "'@cell@example.org", "was_used": "true", "withheld": "", "created_by_ip": "203.0.113.9", "created_by_agent": `\x1b[31mred\nline`} {
		if got[name] != want {
			t.Errorf("%s: got %q, want %q", name, got[name], want)
		}
	}
}

func TestTableEscapesControlCharacters(t *testing.T) {
	r, now := sample()
	r.Email = "\x1b[31m\n@example.org"
	var out strings.Builder
	if err := writeAll(history.NewTable(&out), r, now); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsRune(out.String(), '\x1b') || strings.Count(out.String(), "\n") != 2 || !strings.Contains(out.String(), `\x1b[31m\n@example.org`) {
		t.Errorf("got %q", out.String())
	}
}
