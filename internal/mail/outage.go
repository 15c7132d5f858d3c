package mail

import (
	"log/slog"
	"sync/atomic"
)

// outage says once that something is away, and once that it is back.
type outage struct {
	log  *slog.Logger
	what string
	away atomic.Bool
}

func (o *outage) note(err error) {
	switch {
	case err != nil && o.away.CompareAndSwap(false, true):
		o.log.Error(o.what+" is away, mails wait", "error", err)
	case err == nil && o.away.CompareAndSwap(true, false):
		o.log.Info(o.what + " is back")
	}
}
