package load

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// result is the time of each answer and of all together.
type result struct {
	took    []time.Duration
	elapsed time.Duration
}

func (r result) perSecond() float64 { return float64(len(r.took)) / r.elapsed.Seconds() }

// percentile returns the pth percentile of the times in milliseconds.
func (r result) percentile(p int) float64 {
	if len(r.took) == 0 {
		return 0
	}
	slices.Sort(r.took)
	at := min(len(r.took)-1, len(r.took)*p/100)
	return float64(r.took[at].Microseconds()) / 1000
}

// repeat calls once from conns goroutines, with the number of the goroutine, until it
// returns done.
func repeat(ctx context.Context, conns int, once func(ctx context.Context, conn int) (took time.Duration, done bool, err error)) (result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		all   result
		times = make([][]time.Duration, conns)
		group errgroup.Group
		start = time.Now()
	)
	for conn := range conns {
		group.Go(func() error {
			for ctx.Err() == nil {
				took, done, err := once(ctx, conn)
				if err != nil {
					cancel()
					return err
				}
				if done {
					break
				}
				times[conn] = append(times[conn], took)
			}
			return nil
		})
	}
	err := group.Wait()
	all.elapsed = time.Since(start)
	for _, t := range times {
		all.took = append(all.took, t...)
	}
	return all, err
}
