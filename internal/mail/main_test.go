package mail

import (
	"flag"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"resetd/internal/reset"
	"resetd/internal/words"
	"resetd/templates"
)

var update = flag.Bool("update", false, "write the golden files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	quiet = slog.New(slog.DiscardHandler)
	site  = Site{
		Name: "Example Site", BaseURL: "https://accounts.example.org",
		From: "accounts@example.org", ReplyTo: "support@example.org", SignsOut: true,
	}
	asked = time.Date(2026, time.March, 3, 13, 5, 9, 0, time.UTC)
)

const (
	firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
	chrome  = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Mobile Safari/537.36"
)

func newComposer(t testing.TB, site Site) *Composer {
	t.Helper()
	files, err := templates.Open("")
	must(t, err)
	cat, err := words.Load(files)
	must(t, err)
	c, err := NewComposer(files, cat, site)
	must(t, err)
	return c
}

// linkMail returns an email with a link, as Prepare does.
func linkMail(edit ...func(*reset.Mail)) reset.Mail {
	m := reset.Mail{
		Delivery: reset.Delivery{
			ID:      uuid.MustParse("11111111-2222-4333-8444-555555555555"),
			ResetID: uuid.MustParse("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"),
			Kind:    reset.KindResetLink, UserID: "7", Recipient: "user@example.org",
			CreatedAt: asked, Attempts: 1,
		},
		Account: reset.Account{ID: "7", Email: "user@example.org", Name: "Example User", Active: true},
		Token:   testToken(), Denial: testDenial(),
	}
	m.Now = func() time.Time { return asked }
	m.Reset = reset.Reset{
		ID: m.Delivery.ResetID, CreatedAt: asked, ExpiresAt: asked.Add(time.Hour), UserID: "7",
		CreatedByIP: netip.MustParseAddr("192.0.2.7"), CreatedByAgent: firefox, RequestedBy: reset.RequestedByUser,
	}
	for _, e := range edit {
		e(&m)
	}
	return m
}

// rescueMail returns the link that follows a "this wasn't me".
func rescueMail() reset.Mail {
	return linkMail(func(m *reset.Mail) {
		m.Delivery.Kind, m.Reset.RequestedBy, m.Denial = reset.KindRescue, reset.RequestedByRescue, reset.Token{}
	})
}

// noticeMail returns the notice of a changed password.
func noticeMail(edit ...func(*reset.Mail)) reset.Mail {
	m := linkMail()
	m.Delivery.Kind, m.Token = reset.KindPasswordChanged, reset.Token{}
	m.Delivery.CreatedAt = asked.Add(4 * time.Minute)
	m.Reset.UsedAt = m.Delivery.CreatedAt
	m.Reset.UsedByIP, m.Reset.UsedByAgent = netip.MustParseAddr("2001:db8::17"), chrome
	for _, e := range edit {
		e(&m)
	}
	return m
}

// signUpMail returns an email about a new account.
func signUpMail(kind reset.Kind) reset.Mail {
	m := linkMail(func(m *reset.Mail) { m.Reset, m.Denial = reset.Reset{}, reset.Token{} })
	m.Delivery.Kind, m.Delivery.ResetID = kind, uuid.UUID{}
	m.Delivery.IP, m.Delivery.Agent = netip.MustParseAddr("192.0.2.7"), firefox
	if kind == reset.KindSignUpConfirm {
		m.Account = reset.Account{}
	}
	return m
}

func testToken() (token reset.Token) {
	for i := range token {
		token[i] = byte(5*i + 17)
	}
	return token
}

func testDenial() (token reset.Token) {
	for i := range token {
		token[i] = byte(200 - i)
	}
	return token
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
