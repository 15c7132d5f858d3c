package load

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"
)

// result is the time of each answer and of all together.
type result struct {
	took    []time.Duration
	elapsed time.Duration
}

func (r result) perSecond() float64 { return float64(len(r.took)) / r.elapsed.Seconds() }

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
