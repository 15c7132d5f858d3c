package mail

import (
	"fmt"

	"resetd/internal/words"
)

// doing describes each stage while it lasts.
var doing = map[Stage]string{
	StageConnect:  "connecting to %s",
	StageGreeting: "connected to %s; waiting for its greeting",
	StageHello:    "%s has greeted; greeting it",
	StageTLS:      "encrypting the connection to %s",
	StageSignIn:   "signing in to %s",
	StageMail:     "naming the sender to %s",
	StageRcpt:     "naming the recipient to %s",
	StageData:     "announcing the text to %s",
	StageText:     "sending the text to %s",
	StageEnd:      "the text was handed over; waiting for the reply of %s",
}

// enter reports a stage to whoever watches.
func (t *smtpTransport) enter(s Stage) {
	if t.watch != nil {
		t.watch(fmt.Sprintf(doing[s]+" (at most %s)", t.addr, words.Span(t.timeouts[s])))
	}
}
