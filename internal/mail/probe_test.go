package mail

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"maps"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"resetd/internal/testkit/smtpsink"
	"resetd/templates"
)

const sender = "accounts@example.org"

func TestProbeSendsNothing(t *testing.T) {
	for _, options := range []smtpsink.Options{
		{User: "user", Password: "secret"},
		{User: "user", Password: "secret", Security: smtpsink.Implicit},
	} {
		sink := smtpsink.Start(t, options)
		met, err := Probe(t.Context(), transport(t, sink.URL(), "user", "secret"), sender)
		if err != nil || !strings.Contains(met, sink.Addr()+" answers, TLS 1.3, user and password are right") {
			t.Errorf("met %q, %v", met, err)
		}
		if len(sink.Messages()) != 0 || strings.Contains(sink.Heard(), "secret") {
			t.Errorf("%d emails were sent", len(sink.Messages()))
		}
	}
	sink := smtpsink.Start(t, smtpsink.Options{Security: smtpsink.Clear})
	if met, err := Probe(t.Context(), transport(t, sink.URL()), sender); err != nil || !strings.Contains(met, "in clear on this machine") {
		t.Errorf("met %q, %v", met, err)
	}
	if heard := sink.Heard(); !strings.Contains(heard, "RSET") || strings.Contains(heard, "RCPT") || !strings.Contains(heard, "QUIT") {
		t.Errorf("the server received:\n%s", heard)
	}
}

// For each mistake: the words of the error, and the advice.
func TestAdviceForProbeErrors(t *testing.T) {
	open := smtpsink.Start(t, smtpsink.Options{})
	locked := smtpsink.Start(t, smtpsink.Options{User: "user", Password: "secret"})
	bare := smtpsink.Start(t, smtpsink.Options{Security: smtpsink.Clear})
	picky := smtpsink.Start(t, smtpsink.Options{})
	picky.Add(smtpsink.Rule{At: smtpsink.Mail, Code: 553, Text: "not your address"})
	unknown, _, _ := strings.Cut(open.URL(), "?")
	for name, c := range map[string]struct{ url, user, password, words, advice string }{
		"a wrong password":     {locked.URL(), "user", "hunter22", "535", "RESETD_MAIL_PASSWORD"},
		"no password":          {locked.URL(), "", "", "530", "set RESETD_MAIL_USER"},
		"no sign-in there":     {open.URL(), "user", "secret", "offers neither", "remove RESETD_MAIL_USER"},
		"not reachable":        {"smtp://127.0.0.1:1", "", "", "connection refused", "host and port"},
		"no such host":         {"smtp://mail.invalid", "", "", "can't be reached", "host in RESETD_MAIL_URL"},
		"no STARTTLS":          {"smtp://" + bare.Addr(), "", "", "does not offer STARTTLS", "smtps://"},
		"smtps in clear":       {"smtps://" + bare.Addr(), "", "", "no encrypted connection", "smtp:// instead"},
		"an unknown authority": {unknown, "", "", "unknown authority", "?ca=FILE"},
		"another name":         {served(t, "192.0.2.1", time.Now().Add(time.Hour)), "", "", "valid for 192.0.2.1", "as the certificate has it"},
		"not for this machine": {served(t, "192.0.2.1", time.Now().Add(time.Hour)), "", "", "valid for 192.0.2.1", "starttls=off"},
		"a snakeoil authority": {unknown, "", "", "unknown authority", "starttls=off"},
		"expired":              {served(t, "127.0.0.1", time.Now().Add(-time.Hour)), "", "", "expired", "renewed"},
		"a sender of others":   {picky.URL(), "", "", "553", "RESETD_MAIL_FROM"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Probe(t.Context(), transport(t, c.url, c.user, c.password), sender)
			if err == nil || !strings.Contains(err.Error(), c.words) || strings.Contains(err.Error(), "hunter22") {
				t.Errorf("got %v, want an error with %q", err, c.words)
			}
			if got := Advice(err); !strings.Contains(got, c.advice) || (c.advice == "" && got != "") {
				t.Errorf("the advice is %q, want %q", got, c.advice)
			}
		})
	}
}

// served starts a server with a certificate for an address that expires at a given
// time. The returned URL trusts the certificate.
func served(t *testing.T, ip string, until time.Time) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: until.Add(-24 * time.Hour), NotAfter: until,
		IPAddresses: []net.IP{net.ParseIP(ip)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
	must(t, err)
	file := filepath.Join(t.TempDir(), "ca.pem")
	must(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12,
	})
	must(t, err)
	var ended sync.WaitGroup
	ended.Go(func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			_, _ = conn.Read(make([]byte, 1)) // does the handshake
			_ = conn.Close()
		}
	})
	t.Cleanup(func() { _ = listener.Close(); ended.Wait() })
	return "smtps://" + listener.Addr().String() + "?ca=" + file
}

func TestProbeOfAFolder(t *testing.T) {
	dir := t.TempDir()
	if met, err := Probe(t.Context(), transport(t, "file:"+dir), sender); err != nil || !strings.Contains(met, dir) {
		t.Errorf("met %q, %v", met, err)
	}
	if met, err := Probe(t.Context(), transport(t, "file:"+dir+"/a/b"), sender); err != nil || !strings.Contains(met, "not there yet") {
		t.Errorf("met %q, %v", met, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	must(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o600))
	if met, err := Probe(t.Context(), transport(t, "file:"+dir+"/file/b"), sender); err == nil {
		t.Errorf("met %q, want an error because the parent is a file", met)
	}
}

func TestProbeOfTheConsole(t *testing.T) {
	if _, err := Probe(t.Context(), transport(t, "console:"), sender); !errors.Is(err, ErrTrial) {
		t.Errorf("got %v, want %v", err, ErrTrial)
	}
}

func TestTestMail(t *testing.T) {
	m, err := newComposer(t, site).ComposeTest(templateFiles(t), "user@example.org", asked)
	must(t, err)
	var b strings.Builder
	if _, err := m.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	o := open(t, b.String())
	for _, want := range []string{"This email was sent to see whether", "https://accounts.example.org/password-reset", "13:05 UTC on 3 March 2026"} {
		if !strings.Contains(o.html, want) || !strings.Contains(o.text, want) {
			t.Errorf("a part lacks %q:\n%s\n%s", want, o.text, o.html)
		}
	}
	if o.subject != "A test email from Example Site" || o.header.Get("To") != "<user@example.org>" || o.header.Get("Message-Id") == "" {
		t.Errorf("subject %q, to %q, id %q", o.subject, o.header.Get("To"), o.header.Get("Message-Id"))
	}
	if _, err := newComposer(t, site).ComposeTest(templateFiles(t), "a@example.org, b@example.org", asked); err == nil {
		t.Error("two recipients were accepted")
	}
}

func templateFiles(t *testing.T) fs.FS {
	t.Helper()
	files, err := templates.Open("")
	must(t, err)
	return files
}

// A server that hangs up or does not answer is no wrong host.
func TestAdviceForSilenceAtEachStage(t *testing.T) {
	for stage, want := range map[smtpsink.Stage]string{
		smtpsink.Hello: "host and port are right", smtpsink.Mail: "host and port are right", smtpsink.Rcpt: "host and port are right",
		smtpsink.Data: "look into the inbox", smtpsink.Taken: "a notice without a link once more, after an hour",
	} {
		for name, rule := range map[string]smtpsink.Rule{"hangs up": {At: stage, Drop: true}, "waits": {At: stage, Stall: true}} {
			sink := smtpsink.Start(t, smtpsink.Options{})
			sink.Add(rule)
			if _, err := brief(t, sink.URL()); !strings.Contains(Advice(err), want) {
				t.Errorf("%s at %s: %v: advice %q, want %q", name, stage, err, Advice(err), want)
			}
		}
	}
}

// brief sends an email to a server that has a moment for each stage.
func brief(t *testing.T, url string) (string, error) {
	t.Helper()
	tr := transport(t, url).(*smtpTransport)
	tr.timeouts = maps.Clone(rfcTimeouts)
	for stage := range tr.timeouts {
		tr.timeouts[stage] = time.Second
	}
	conn, err := tr.Open(t.Context())
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	return conn.Send(t.Context(), message(t))
}

// A server that waits for TLS and one that never greets look the same: no reply.
func TestAdviceForAServerWithoutGreeting(t *testing.T) {
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = mute.Close() }()
	_, err = brief(t, "smtp://"+mute.Addr().String()+"?starttls=off")
	if got := Advice(err); !strings.Contains(got, "port 465 needs smtps://") || !strings.Contains(err.Error(), "does not greet") {
		t.Errorf("%v: advice %q", err, got)
	}
}

// Whoever tests a slow server sees each stage as it begins.
func TestWatchNamesEachStage(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{User: "user", Password: "secret"})
	var seen []string
	tr, err := NewTransport(sink.URL(), "user", "secret", nil, Watch(func(doing string) {
		words, limit, _ := strings.Cut(strings.ReplaceAll(doing, sink.Addr(), "X"), " (at most ")
		if !regexp.MustCompile(`^\d+ (seconds|minutes?)\)$`).MatchString(limit) {
			t.Errorf("the limit is %q", limit)
		}
		seen = append(seen, words)
	}))
	must(t, err)
	conn, err := tr.Open(t.Context())
	must(t, err)
	defer func() { _ = conn.Close() }()
	if _, err := conn.Send(t.Context(), message(t)); err != nil {
		t.Fatal(err)
	}
	if want := []string{
		"connecting to X", "connected to X; waiting for its greeting", "X has greeted; greeting it", "encrypting the connection to X", "signing in to X",
		"naming the sender to X", "naming the recipient to X", "announcing the text to X", "sending the text to X", "the text was handed over; waiting for the reply of X",
	}; !slices.Equal(seen, want) {
		t.Errorf("got %q, want %q", seen, want)
	}
}

// The same code means something else at each stage.
func TestAdviceForRefusalsAtEachStage(t *testing.T) {
	for stage, want := range map[smtpsink.Stage]string{
		smtpsink.Hello: "RESETD_BASE_URL", smtpsink.Mail: "RESETD_MAIL_FROM", smtpsink.Rcpt: "another recipient", smtpsink.Data: "refuses the text",
	} {
		for code, want := range map[int]string{550: want, 554: want, 450: "try again later"} {
			sink := smtpsink.Start(t, smtpsink.Options{})
			sink.Add(smtpsink.Rule{At: stage, Code: code, Text: "no"})
			_, err := send(t, sink.URL())
			if got := Advice(err); !strings.Contains(got, want) {
				t.Errorf("%d at %s: %v: advice %q, want %q", code, stage, err, got, want)
			}
		}
	}
}
