// Package batch groups the values that are queued at the same time, and handles each
// group in one call.
package batch

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"resetd/internal/reset"
)

// The errors of a queue are errors of the domain, so that no caller has to convert them.
var (
	// ErrFull: more values wait than the queue holds.
	ErrFull = fmt.Errorf("%w: queue is full", reset.ErrBusy)
	// ErrClosed: the queue does not accept values any more.
	ErrClosed = fmt.Errorf("%w: queue is closed", reset.ErrUnavailable)
)

// Queue hands values to a function. A call gets everything that is queued, up to a
// limit, and never waits for more: one value alone is handled at once, and while a
// call works, the values for the next one gather.
type Queue[T any] struct {
	values chan item[T]
	most   int
	mu     sync.RWMutex
	closed bool
}

type item[T any] struct {
	value T
	done  chan error
}

// NewQueue returns a queue that holds at most size values, and hands over at most
// most of them at once.
func NewQueue[T any](size, most int) *Queue[T] {
	return &Queue[T]{values: make(chan item[T], size), most: most}
}

// Do queues a value and returns the error that it was handled with. It returns
// ErrFull at once if the queue is full. If ctx ends first, Do returns its error, and
// the value is handled nevertheless.
func (q *Queue[T]) Do(ctx context.Context, value T) error {
	it := item[T]{value, make(chan error, 1)}
	if err := q.put(it); err != nil {
		return err
	}
	select {
	case err := <-it.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (q *Queue[T]) put(it item[T]) error {
	q.mu.RLock()
	defer q.mu.RUnlock()
	if q.closed {
		return ErrClosed
	}
	select {
	case q.values <- it:
		return nil
	default:
		return ErrFull
	}
}

// Run handles values until Close. For each value, handle returns an error or nil.
// Several goroutines may call Run.
func (q *Queue[T]) Run(handle func([]T) []error) {
	for first := range q.values {
		items := q.gather(first)
		values := make([]T, len(items))
		for i, it := range items {
			values[i] = it.value
		}
		for i, err := range safely(handle, values) {
			items[i].done <- err
		}
	}
}

// safely returns a panic as the error of every value: the callers must not wait
// forever, and the goroutine goes on. The panic's value may contain secrets, so only
// its type and the stack are reported.
func safely[T any](handle func([]T) []error, values []T) (errs []error) {
	defer func() {
		if p := recover(); p != nil {
			errs = make([]error, len(values))
			for i := range errs {
				errs[i] = fmt.Errorf("panic: %T\n%s", p, debug.Stack())
			}
		}
	}()
	return handle(values)
}

func (q *Queue[T]) gather(first item[T]) []item[T] {
	items := []item[T]{first}
	for len(items) < q.most {
		select {
		case it, open := <-q.values:
			if !open {
				return items
			}
			items = append(items, it)
		default:
			return items
		}
	}
	return items
}

// Len returns how many values wait.
func (q *Queue[T]) Len() int { return len(q.values) }

// Close lets Run return after the queued values.
func (q *Queue[T]) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed {
		q.closed = true
		close(q.values)
	}
}
