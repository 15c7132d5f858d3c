package load

import (
	"context"
	"fmt"
	"slices"
	"time"

	"resetd/internal/tools/measure/wire"
)

// contest is a load of requests, and the reference that is measured right before each.
type contest struct {
	reference string
	measure   func() (float64, error) // the reference
	conns     int
	known     bool // the addresses have accounts
	limit     float64
}

func (c contest) name() string {
	if c.known {
		return fmt.Sprintf("requests, known, %d connections", c.conns)
	}
	return fmt.Sprintf("requests, unknown, %d connections", c.conns)
}

// requests measures a reference and requests in turns, and waits after each until no
// delivery is due. It returns the median of the requests per second, and the most memory
// that the program had meanwhile.
func (o options) requests(ctx context.Context, w *world, s *server, c contest) (reached, memory float64, err error) {
	var alone, ours, ratios, waiting, emails []float64
	var all result
	for range o.turns {
		reference, err := c.measure()
		if err != nil {
			return 0, 0, err
		}
		r, most, err := o.watched(ctx, s, c)
		if err != nil {
			return 0, 0, err
		}
		left, rate, err := w.drain(ctx)
		if err != nil {
			return 0, 0, err
		}
		memory, all.took = max(memory, most), append(all.took, r.took...)
		alone, ours, ratios = append(alone, reference), append(ours, r.perSecond()), append(ratios, r.perSecond()/reference)
		waiting, emails = append(waiting, float64(left)), append(emails, rate)
	}
	row(c.reference, median(alone), result{}, 1, 0)
	row(c.name(), median(ours), all, median(ratios), c.limit)
	row("  deliveries waiting then", median(waiting), result{}, 0, 0)
	if c.known {
		row("emails afterwards, limit 1,000/s", median(emails), result{}, median(emails)/1000, 1)
	}
	return median(ours), memory, nil
}

// watched sends requests and looks at the program's memory twice a second.
func (o options) watched(ctx context.Context, s *server, c contest) (r result, most float64, err error) {
	ctx, cancel := context.WithCancel(ctx)
	seen := make(chan float64)
	go func() {
		highest := 0.0
		for ctx.Err() == nil {
			if now, err := s.Memory(ctx); err == nil {
				highest = max(highest, now)
			}
			select {
			case <-ctx.Done():
			case <-time.After(time.Second / 2):
			}
		}
		seen <- highest
	}()
	r, err = load(ctx, s.URL, o, c.conns, requests(c.known))
	cancel()
	return r, <-seen, err
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// rest is how long after the last hash its memory is returned to the system, and more.
const rest = 7 * time.Second

// uncontended measures what the requests would disturb: memory, pages and links.
func (o options) uncontended(ctx context.Context, w *world, s *server) error {
	time.Sleep(2 * time.Second)
	idle, err := s.Memory(ctx)
	if err != nil {
		return err
	}
	row("MiB when idle, limit 32", idle, result{}, 32/idle, 1)
	row("ms to the first answer, limit 100", float64(s.Started.Milliseconds()), result{}, 100/float64(max(1, s.Started.Milliseconds())), 1)
	r, err := load(ctx, s.URL, o, 16, page("/password-reset"))
	if err != nil {
		return err
	}
	row("form page, 16 connections, limit 40,000/s", r.perSecond(), r, r.perSecond()/40_000, 1)
	err = o.links(ctx, w, s)
	time.Sleep(rest)
	return err
}

// links measures the use of links against the hash alone, and a page meanwhile.
func (o options) links(ctx context.Context, w *world, s *server) error {
	before, err := hashesPerSecond(ctx, o)
	if err != nil {
		return err
	}
	pageCtx, stop := context.WithCancel(ctx)
	meanwhile := make(chan result)
	go func() { meanwhile <- s.visit(pageCtx) }()
	r, err := load(ctx, s.URL, options{duration: time.Minute}, 16, w.uses()) // it ends with the links
	stop()
	pages := <-meanwhile
	if err != nil {
		return err
	}
	after, err := hashesPerSecond(ctx, o)
	alone := (before + after) / 2
	row("argon2id alone", alone, result{}, 1, 0)
	row("use of a link", r.perSecond(), r, r.perSecond()/alone, 0.9)
	p99 := wire.Percentile(pages.took, 99)
	row("  ms of the sign-in page meanwhile, limit 10", p99, pages, 10/p99, 1)
	return err
}
