package mail

import (
	"math/rand/v2"
	"time"
)

// The first and the longest wait before an email is retried, and before the queue
// is queried again.
const (
	firstRetry  = 5 * time.Second
	lastRetry   = 10 * time.Minute
	lastOutage  = 30 * time.Second
	firstOutage = time.Second
)

// retryWait returns how long an email waits after its nth attempt: 5 s, 15 s, 45 s
// and so on, at most 10 minutes, plus or minus a fifth. The first waits are short,
// because a person is waiting for the email.
func retryWait(attempts int) time.Duration { return jitter(grow(firstRetry, lastRetry, 3, attempts)) }

// outageWait returns how long the worker waits after the nth failure in a row.
func outageWait(failures int) time.Duration {
	return jitter(grow(firstOutage, lastOutage, 2, failures))
}

func grow(first, last time.Duration, factor, n int) time.Duration {
	d := first
	for range n - 1 {
		if d *= time.Duration(factor); d >= last {
			return last
		}
	}
	return d
}

// jitter keeps instances from acting all at the same moment.
func jitter(d time.Duration) time.Duration {
	return d - d/5 + rand.N(2*d/5+1) //nolint:gosec // not a secret
}
