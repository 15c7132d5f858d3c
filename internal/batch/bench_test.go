package batch

import (
	"sync"
	"testing"
)

// What a queue adds to the work itself, with many callers at once.
func BenchmarkDo(b *testing.B) {
	q := NewQueue[int](1024, 64)
	var running sync.WaitGroup
	running.Go(func() { q.Run(func(all []int) []error { return make([]error, len(all)) }) })
	b.ReportAllocs()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := q.Do(b.Context(), 1); err != nil {
				b.Error(err)
			}
		}
	})
	q.Close()
	running.Wait()
}
