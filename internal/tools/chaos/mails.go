package main

import (
	"math/rand/v2"
	netmail "net/mail"
	"regexp"
	"strings"

	"resetd/internal/testkit/smtpsink"
)

// mailed is an email that the mail server accepted.
type mailed struct {
	id    string // Message-ID, without brackets and domain: the delivery's id
	to    string
	token string // of the link; empty in a notice
}

// startSink starts an email server that refuses three in a hundred emails for now. After
// one in a hundred, it closes the connection without an answer.
func startSink(dir string, rng *rand.Rand, took func(mailed)) (*smtpsink.Sink, error) {
	sink, err := smtpsink.New(dir, smtpsink.Options{
		Security: smtpsink.Clear,
		Take:     func(m smtpsink.Message) { took(parse(m.To[0], m.Data)) },
	})
	if err != nil {
		return nil, err
	}
	chance := func(percent int) func() bool { return func() bool { return rng.IntN(100) < percent } }
	sink.Add(smtpsink.Rule{At: smtpsink.Data, Code: 451, Text: "Later, please", When: chance(3)})
	sink.Add(smtpsink.Rule{At: smtpsink.Taken, Drop: true, When: chance(1)})
	return sink, nil
}

var linkPattern = regexp.MustCompile(`/password-reset/confirm/([a-z2-7]{52})`)

func parse(to, text string) mailed {
	m := mailed{to: to}
	if message, err := netmail.ReadMessage(strings.NewReader(text)); err == nil {
		m.id, _, _ = strings.Cut(strings.Trim(message.Header.Get("Message-ID"), "<>"), "@")
	}
	// A long line is broken by "=" in quoted-printable; a token has no such sign.
	if found := linkPattern.FindStringSubmatch(strings.ReplaceAll(text, "=\r\n", "")); found != nil {
		m.token = found[1]
	}
	return m
}
