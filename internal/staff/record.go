package staff

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"resetd/internal/reset"
)

const (
	// recordTimeout limits the time to store an entry.
	recordTimeout = 5 * time.Second
	// The maximum lengths of stored texts, in bytes.
	maxTyped  = 64
	maxTarget = 2000
	// MaxReason is the maximum length of a reason, in characters.
	MaxReason = 500
	maxAgent  = 400
)

// record stores an entry even if the client has disconnected.
func (s *Service) record(ctx context.Context, e Entry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	e.At = s.now()
	e.Target, e.Reason = reset.NameTokens(e.Target), reset.NameTokens(e.Reason) // staff paste links
	e.Member, e.Target, e.Reason, e.Agent = clean(e.Member, maxTyped), clean(e.Target, maxTarget), clean(e.Reason, utf8.UTFMax*MaxReason), clean(e.Agent, maxAgent)
	if err := s.store.Record(ctx, e); err != nil {
		return fmt.Errorf("record %s: %w", e.Action, err)
	}
	return nil
}

// Operate records a change by the operator, then makes it.
func (s *Service) Operate(ctx context.Context, action Action, target string, act func() error) error {
	return s.recorded(ctx, Operator().entry(action, target), act)
}

// recorded records an action, then runs it.
func (s *Service) recorded(ctx context.Context, e Entry, act func() error) error {
	if err := s.record(ctx, e); err != nil {
		return err
	}
	return s.recordFailure(ctx, e, act())
}

// recordFailure returns the error of a recorded action. If there is one, it is recorded
// too.
func (s *Service) recordFailure(ctx context.Context, e Entry, err error) error {
	if err == nil {
		return nil
	}
	e.Refused = refusal(err)
	return errors.Join(err, s.record(ctx, e))
}

// clean returns a text that both databases accept: UTF-8 without NUL, and at most
// most bytes.
func clean(text string, most int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "?"), "\x00", "?")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return text
}
