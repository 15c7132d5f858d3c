package main

import (
	"context"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
)

// eventRows is how many events are read at once.
const eventRows = 500

// eventFeed reads the events of an account, newest first.
type eventFeed struct {
	ctx    context.Context //nolint:containedctx // of one command
	record history.Store
	filter history.Filter
	read   []history.Event
	last   int64 // id of the last event read; 0: none yet
	ended  bool
}

// until yields the next events that happened at a time or later. A nil feed has none.
func (f *eventFeed) until(at time.Time, yield func(reset.Event) error) error {
	for f != nil {
		if len(f.read) == 0 {
			if err := f.fill(); err != nil || len(f.read) == 0 {
				return err
			}
		}
		if f.read[0].At.Before(at) {
			return nil
		}
		next := f.read[0]
		f.read = f.read[1:]
		if err := yield(next.Event); err != nil {
			return err
		}
	}
	return nil
}

func (f *eventFeed) fill() (err error) {
	if f.ended {
		return nil
	}
	f.read, err = f.record.EventsOf(f.ctx, f.filter.UserID, history.EventSearch{Before: f.last, Since: f.filter.Since, Until: f.filter.Until, Rows: eventRows})
	if f.ended = len(f.read) < eventRows; len(f.read) > 0 {
		f.last = f.read[len(f.read)-1].ID
	}
	return err
}
