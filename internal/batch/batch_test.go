package batch

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestValuesThatArriveTogetherAreHandledTogether(t *testing.T) {
	q := NewQueue[int](100, 10)
	var mu sync.Mutex
	var sizes []int
	entered, proceed := make(chan struct{}), make(chan struct{})
	var running, callers sync.WaitGroup
	running.Go(func() {
		q.Run(func(all []int) []error {
			mu.Lock()
			sizes = append(sizes, len(all))
			first := len(sizes) == 1
			mu.Unlock()
			if first { // the others gather meanwhile
				close(entered)
				<-proceed
			}
			errs := make([]error, len(all))
			for i, v := range all {
				if v%2 == 1 {
					errs[i] = errors.New("odd")
				}
			}
			return errs
		})
	})
	do := func(v int) {
		callers.Go(func() {
			if err := q.Do(t.Context(), v); (err != nil) != (v%2 == 1) {
				t.Errorf("%d: got %v, want an error for odd values alone", v, err)
			}
		})
	}
	do(0)
	<-entered
	for v := range 25 {
		do(v)
	}
	for q.Len() < 25 {
		runtime.Gosched()
	}
	close(proceed)
	callers.Wait()
	q.Close()
	running.Wait()
	if want := []int{1, 10, 10, 5}; !slices.Equal(sizes, want) {
		t.Errorf("batches of %v, want %v", sizes, want)
	}
	if err := q.Do(t.Context(), 1); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: got %v, want ErrClosed", err)
	}
}

func TestFullQueueRefusesAtOnce(t *testing.T) {
	q := NewQueue[int](1, 1)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := q.Do(gone, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who gives up: got %v", err)
	}
	if err := q.Do(t.Context(), 2); !errors.Is(err, ErrFull) {
		t.Errorf("got %v, want ErrFull", err)
	}
	q.Close()
	var handled []int
	q.Run(func(all []int) []error { handled = append(handled, all...); return make([]error, len(all)) })
	if !slices.Equal(handled, []int{1}) {
		t.Errorf("handled %v, want the queued value", handled)
	}
}

func TestPanicIsAnErrorOfItsBatch(t *testing.T) {
	q := NewQueue[int](10, 1)
	var running sync.WaitGroup
	running.Go(func() {
		q.Run(func(all []int) []error {
			if all[0] == 0 {
				panic("a secret")
			}
			return make([]error, len(all))
		})
	})
	if err := q.Do(t.Context(), 0); err == nil || strings.Contains(err.Error(), "a secret") {
		t.Errorf("got %v, want an error without the panic's value", err)
	}
	if err := q.Do(t.Context(), 1); err != nil {
		t.Errorf("after the panic: %v", err)
	}
	q.Close()
	running.Wait()
}
