package mail

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
)

// scripted starts a server that answers in clear with what the script has for a command,
// and for the greeting and the end of the text, or else as usual. It returns its URL.
func scripted(t *testing.T, script map[string]string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	usual := map[string]string{"greeting": "220 odd", "EHLO": "250 odd", "DATA": "354 go on", "end": "250 ok", "STARTTLS": "220 go on"}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				answer := func(at string) {
					for _, replies := range []map[string]string{script, usual, {at: "250 ok"}} {
						if reply, known := replies[at]; known {
							_, _ = io.WriteString(conn, reply+"\r\n")
							return
						}
					}
				}
				answer("greeting")
				for lines, text := bufio.NewScanner(conn), false; lines.Scan(); {
					switch line := lines.Text(); {
					case text && line == ".":
						text = false
						answer("end")
					case !text:
						command, _, _ := strings.Cut(line, " ") // a TLS handshake may contain an empty line
						command = strings.ToUpper(command)
						text = command == "DATA"
						answer(command)
					}
				}
			}()
		}
	}()
	return "smtp://" + listener.Addr().String()
}

// The first digit of a reply decides. An email that was taken with another code than 250
// must not be sent again, nor one with a reply that says neither yes nor no.
func TestFirstDigitOfAReplyDecides(t *testing.T) {
	for _, tt := range []struct{ at, reply, want string }{
		{"MAIL", "251 fine", "sent"},
		{"RCPT", "200 fine", "sent"},
		{"RCPT", "252 fine", "sent"},
		{"end", "251 2.0.0 taken", "sent"},
		{"end", "200-taken\r\n200 too", "sent"},
		{"end", "354 go on", "unanswered"},
		{"end", "600 what", "unanswered"},
		{"end", "nonsense", "unanswered"},
		{"end", "451 later", "deferred"},
		{"end", "552 full", "failed"},
		{"DATA", "250 fine", "deferred"},
		{"RCPT", "354 go on", "deferred"},
		{"RCPT", "nonsense", "deferred"},
	} {
		_, err := send(t, scripted(t, map[string]string{tt.at: tt.reply})+"?starttls=off")
		got := "deferred"
		switch {
		case err == nil:
			got = "sent"
		case isUnanswered(err):
			got = "unanswered"
		case IsPermanent(err):
			got = "failed"
		}
		if got != tt.want {
			t.Errorf("%q at %s: %s (%v), want %s", tt.reply, tt.at, got, err, tt.want)
		}
		if err != nil && Advice(err) == "" {
			t.Errorf("%q at %s: no advice", tt.reply, tt.at)
		}
	}
}

// A reply without an end must not fill the memory.
func TestEndlessRepliesAreRefused(t *testing.T) {
	line := strings.Repeat("x", 1000)
	for _, at := range []string{"greeting", "EHLO", "RCPT", "end"} {
		for name, reply := range map[string]string{"lines": strings.Repeat("250-"+line+"\r\n", 1000) + "250 end", "one line": "250 " + strings.Repeat(line, 1000)} {
			_, err := send(t, scripted(t, map[string]string{at: reply})+"?starttls=off")
			if err == nil || !strings.Contains(err.Error(), errLongReply.Error()) || IsPermanent(err) || isUnanswered(err) != (at == "end") || Advice(err) == "" {
				t.Errorf("%s at %s: got %v, %s", name, at, err, Advice(err))
			}
		}
	}
}

// For each reply that is not one of the stage: the advice.
func TestAdviceForOddReplies(t *testing.T) {
	for _, tt := range []struct{ at, reply, advice string }{
		{"greeting", "HTTP/1.1 400 Bad Request", "check host and port"},
		{"greeting", "554 5.7.1 go away", "refuses this machine"},
		{"STARTTLS", "502 no", "port that encrypts"},
		{"STARTTLS", "454 4.7.0 not now", "try again later"},
		{"STARTTLS", "220 go on\r\nnonsense, and in clear", "port that encrypts"},
	} {
		_, err := send(t, scripted(t, map[string]string{"EHLO": "250-odd\r\n250 STARTTLS", tt.at: tt.reply}))
		if got := Advice(err); !strings.Contains(got, tt.advice) {
			t.Errorf("%q at %s: %v: advice %q, want %q", tt.reply, tt.at, err, got, tt.advice)
		}
	}
}

// An address that this server can't take concerns one email, and is no outage.
func TestRecipientThatNeedsSMTPUTF8IsNoOutage(t *testing.T) {
	conn := dial(t, scripted(t, nil)+"?starttls=off")
	_, err := conn.Send(t.Context(), message(t, to("jörg@bücher.example")))
	if !IsPermanent(err) || isOutage(err) || Advice(err) != "" {
		t.Errorf("got %v, outage %v, advice %q", err, isOutage(err), Advice(err))
	}
}
