package load

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// result is the time of each answer and of all together.
type result struct {
	took    []time.Duration
	elapsed time.Duration
}

func (r result) perSecond() float64 { return float64(len(r.took)) / r.elapsed.Seconds() }

// percentile returns the pth percentile of the times as text.
func (r result) percentile(p int) string {
	if len(r.took) == 0 {
		return "-"
	}
	slices.Sort(r.took)
	at := min(len(r.took)-1, len(r.took)*p/100)
	return fmt.Sprintf("%.1fms", float64(r.took[at].Microseconds())/1000)
}

// repeat calls once from conns goroutines until it returns done.
func repeat(ctx context.Context, conns int, once func(ctx context.Context) (done bool, err error)) (result, error) {
	var (
		mu    sync.Mutex
		all   result
		first error
		wg    sync.WaitGroup
	)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	start := time.Now()
	for range conns {
		wg.Go(func() {
			var took []time.Duration
			for ctx.Err() == nil {
				began := time.Now()
				done, err := once(ctx)
				if err != nil {
					mu.Lock()
					if first == nil && ctx.Err() == nil {
						first = err
					}
					mu.Unlock()
					cancel()
					break
				}
				if done {
					break
				}
				took = append(took, time.Since(began))
			}
			mu.Lock()
			all.took = append(all.took, took...)
			mu.Unlock()
		})
	}
	wg.Wait()
	all.elapsed = time.Since(start)
	return all, first
}
