package load

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"resetd/internal/reset"
)

// backlogTurn is how many requests are written at once.
const backlogTurn = 1000

// backlog writes many requests while the program is stopped, starts it, and measures how
// long they take and how much memory.
func (o options) backlog(ctx context.Context, databaseURL, dir string) error {
	w, err := prepare(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer w.close()
	if err := w.queue(ctx, o.queue); err != nil {
		return err
	}
	s, err := start(ctx, databaseURL, dir, ignore)
	if err != nil {
		return err
	}
	defer s.stop()
	began := time.Now()
	early, late, err := w.watch(ctx, s, o.queue)
	if err != nil {
		return err
	}
	took := time.Since(began).Seconds()
	sent, err := w.sent(ctx)
	if err != nil {
		return err
	}
	row(fmt.Sprintf("deliveries per second, of a queue of %d", o.queue), float64(o.queue)/took, result{}, 0, 0)
	row("  emails per second", float64(sent)/took, result{}, 0, 0)
	row("  MiB at most, first tenth", early, result{}, 0, 0)
	row("  MiB at most, afterwards", late, result{}, 0, 0)
	return nil
}

// queue writes requests that no worker has seen.
func (w *world) queue(ctx context.Context, n int) error {
	receiver := w.store.NewReceiver()
	defer receiver.Close()
	for from := 0; from < n; from += backlogTurn {
		var all []reset.Queued
		for i := from; i < min(n, from+backlogTurn); i++ {
			all = append(all, unseen(i))
		}
		if err := receiver.Receive(ctx, all); err != nil {
			return err
		}
	}
	return nil
}

func unseen(n int) reset.Queued {
	address, now := mixed(n%(accountCount*oneKnown)), time.Now()
	id := uuid.New()
	return reset.Queued{
		Reset: reset.Reset{
			ID: id, CreatedAt: now, ExpiresAt: now.Add(24 * time.Hour), Email: address,
			CreatedByIP: netip.MustParseAddr("203.0.113.9"), RequestedBy: reset.RequestedByUser,
		},
		Delivery: reset.Delivery{ID: uuid.New(), ResetID: id, Kind: reset.KindResetLink, Recipient: address, CreatedAt: now},
	}
}

// watch waits until no delivery waits. It returns the most memory of the first tenth, and of
// the rest.
func (w *world) watch(ctx context.Context, s *server, n int) (early, late float64, err error) {
	for left := n; left > 0; {
		now, err := s.Memory(ctx)
		if err != nil {
			return 0, 0, err
		}
		if left > n-n/10 {
			early = max(early, now)
		} else {
			late = max(late, now)
		}
		time.Sleep(time.Second)
		if left, err = w.backlog(ctx); err != nil {
			return 0, 0, err
		}
	}
	return early, late, nil
}
