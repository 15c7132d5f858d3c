package testkit

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"

	"resetd/internal/reset"
	"resetd/internal/store"
	"resetd/internal/users"
)

// Visitor is a client with a browser.
var Visitor = reset.Client{IP: netip.MustParseAddr("203.0.113.9"), Agent: "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"}

// PasswordHash is the hash of Password with the parameters of OWASP. A test that only
// needs an account uses it and saves the time to compute a hash.
const (
	Password     = "walrus-on-a-bicycle"
	PasswordHash = "$argon2id$v=19$m=19456,t=2,p=1$hnfXRBOlN/Jm+01l/age/g$PbCJmUlflN+LhQdiawwStBW1YWL1cORrZxrNYVRDprw"
)

// Address parses a valid email address.
func Address(t testing.TB, s string) reset.Address {
	t.Helper()
	a, err := reset.ParseAddress(s)
	if err != nil {
		t.Fatalf("ParseAddress(%q): %v", s, err)
	}
	return a
}

// Reset returns a live reset of an account, requested at now. The functions change the
// fields that the test is about. A withheld reset has no link.
func Reset(now time.Time, userID string, change ...func(*reset.Reset)) reset.Reset {
	r := reset.Reset{
		ID: uuid.New(), CreatedAt: now, ExpiresAt: now.Add(time.Hour), UserID: userID, Email: "user@example.org",
		CreatedByIP: Visitor.IP, CreatedByAgent: Visitor.Agent, RequestedBy: reset.RequestedByUser, AccountState: "state", Mail: reset.MailWaiting,
	}
	for _, f := range change {
		f(&r)
	}
	if r.Withheld != "" {
		r.AccountState, r.Mail = "", ""
	}
	return r
}

// Delivery returns the delivery of a reset link, due at now.
func Delivery(now time.Time, r reset.Reset) reset.Delivery {
	return reset.Delivery{
		ID: uuid.New(), ResetID: r.ID, Kind: reset.KindResetLink, UserID: r.UserID,
		Recipient: r.Email, CreatedAt: now, NextAttemptAt: now,
	}
}

// Intake is a reset.Intake that writes each request alone and applies no limits.
type Intake struct{ reset.Store }

// Receive implements reset.Intake.
func (i Intake) Receive(ctx context.Context, r reset.Reset, d reset.Delivery) error {
	return i.Insert(ctx, r, d)
}

// AddUser adds a built-in account. The functions change the fields that the test is
// about.
func AddUser(t testing.TB, s *store.Store, email, passwordHash string, change ...func(*users.User)) reset.Account {
	t.Helper()
	u := users.New(Address(t, email), "Example User", passwordHash, time.Now())
	for _, f := range change {
		f(&u)
	}
	if err := s.AddUser(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	return reset.Account{ID: u.ID.String(), Email: u.Email, Name: u.Name, PasswordHash: u.PasswordHash, Active: u.Active}
}
