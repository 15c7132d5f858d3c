package mail

import (
	"context"
	"log/slog"
	"sync/atomic"
)

// outage logs the beginning and the end of an outage once each.
type outage struct {
	log  *slog.Logger
	what string
	down atomic.Bool
}

func (o *outage) report(ctx context.Context, err error) {
	switch {
	case err != nil && o.down.CompareAndSwap(false, true):
		o.log.ErrorContext(ctx, o.what+" is unavailable, emails wait", "error", err)
	case err == nil && o.down.CompareAndSwap(true, false):
		o.log.InfoContext(ctx, o.what+" is available again")
	}
}
