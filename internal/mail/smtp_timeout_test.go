package mail

import (
	"context"
	"maps"
	"net"
	"slices"
	"testing"
	"time"

	"resetd/internal/testkit/smtpsink"
)

func TestCancelInterruptsAStall(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{})
	sink.Add(smtpsink.Rule{At: smtpsink.Rcpt, Stall: true})
	conn := dial(t, sink.URL())
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() {
		_, err := conn.Send(ctx, message(t))
		result <- err
	}()
	sink.WaitStalled(t, 1)
	cancel()
	waits(t, <-result, "stopped this attempt")
}

func TestDeadlineInterruptsAStall(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{})
	sink.Add(smtpsink.Rule{At: smtpsink.Data, Stall: true})
	conn := dial(t, sink.URL())
	ctx, cancel := context.WithTimeout(t.Context(), 1)
	defer cancel()
	_, err := conn.Send(ctx, message(t))
	waits(t, err, "did not answer in time")
}

// A server that is slow at one stage does not lose the time of the next.
func TestEachStageHasItsOwnTimeout(t *testing.T) {
	for stage, least := range map[Stage]time.Duration{ // RFC 5321, section 4.5.3.2
		StageGreeting: 5 * time.Minute, StageHello: 5 * time.Minute, StageMail: 5 * time.Minute, StageRcpt: 5 * time.Minute, StageData: 2 * time.Minute, StageText: 3 * time.Minute, StageEnd: 10 * time.Minute,
	} {
		if rfcTimeouts[stage] < least {
			t.Errorf("%s: %v, want at least %v", stage, rfcTimeouts[stage], least)
		}
	}
	sink := smtpsink.Start(t, smtpsink.Options{User: "user", Password: "secret"})
	tr := transport(t, sink.URL(), "user", "secret").(*smtpTransport)
	raw, err := net.Dial("tcp", sink.Addr())
	must(t, err)
	defer func() { _ = raw.Close() }()
	timed := &timedConn{Conn: raw}
	c := &smtpConn{line: &line{Conn: timed}, timeouts: map[Stage]time.Duration{
		StageGreeting: 1 * time.Hour, StageHello: 9 * time.Hour, StageTLS: 2 * time.Hour, StageSignIn: 3 * time.Hour, StageMail: 4 * time.Hour,
		StageRcpt: 5 * time.Hour, StageData: 6 * time.Hour, StageText: 7 * time.Hour, StageEnd: 8 * time.Hour,
	}}
	must(t, tr.greet(t.Context(), c))
	if _, err := c.Send(t.Context(), message(t)); err != nil {
		t.Fatal(err)
	}
	if want := []int{1, 9, 2, 3, 0, 4, 5, 6, 7, 8}; !slices.Equal(timed.hours, want) { // 0 is RSET
		t.Errorf("timeouts in hours: %v, want %v", timed.hours, want)
	}
}

// timedConn keeps the deadlines, in hours from now.
type timedConn struct {
	net.Conn
	hours []int
}

func (c *timedConn) SetDeadline(t time.Time) error {
	c.hours = append(c.hours, int(time.Until(t).Round(time.Hour)/time.Hour))
	return c.Conn.SetDeadline(t)
}

// After the whole email was handed over, silence does not mean that it was refused.
func TestSilenceAfterTheTextIsUnanswered(t *testing.T) {
	for name, tt := range map[string]struct {
		rule    smtpsink.Rule
		timeout Stage
		want    bool
	}{
		"no reply to RCPT":          {smtpsink.Rule{At: smtpsink.Rcpt, Stall: true}, StageRcpt, false},
		"connection closed at RCPT": {smtpsink.Rule{At: smtpsink.Rcpt, Drop: true}, "", false},
		"no reply to the text":      {smtpsink.Rule{At: smtpsink.Taken, Stall: true}, StageEnd, true},
		"closed after the text":     {smtpsink.Rule{At: smtpsink.Taken, Drop: true}, "", true},
		"text refused":              {smtpsink.Rule{At: smtpsink.Data, Code: 451, Text: "later"}, "", false},
	} {
		sink := smtpsink.Start(t, smtpsink.Options{})
		sink.Add(tt.rule)
		conn := dial(t, sink.URL()).(*smtpConn)
		if conn.timeouts = maps.Clone(rfcTimeouts); tt.timeout != "" {
			conn.timeouts[tt.timeout] = time.Millisecond
		}
		if _, err := conn.Send(t.Context(), message(t)); err == nil || isUnanswered(err) != tt.want || IsPermanent(err) {
			t.Errorf("%s: got %v (unanswered: %v), want %v", name, err, isUnanswered(err), tt.want)
		}
	}
}

func TestCancelInterruptsTheGreeting(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = listener.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		cancel() // after the connection, instead of a greeting
		<-ctx.Done()
		_, _ = conn.Read(make([]byte, 1)) // until the client gives up
		_ = conn.Close()
	}()
	_, err = transport(t, "smtp://"+listener.Addr().String()).Open(ctx)
	waits(t, err, "mail server")
}
