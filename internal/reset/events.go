package reset

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The kinds of events of an account.
const (
	EventSignedIn        EventKind = "signed_in"
	EventSignedOut       EventKind = "signed_out"       // of one browser
	EventSignInFailed    EventKind = "sign_in_failed"   // Detail: the number of the failure, see Numbered
	EventLocked          EventKind = "locked"           // Detail: the scope, see limit.Scope
	EventUnlocked        EventKind = "unlocked"         // by staff
	EventWrongPassword   EventKind = "wrong_password"   // for a change of the password; Detail as for EventSignInFailed
	EventPasswordChanged EventKind = "password_changed" // without a link
	EventSignedUp        EventKind = "signed_up"        // the account was made
	EventDisabled        EventKind = "disabled"
	EventEnabled         EventKind = "enabled"
	EventSessionsEnded   EventKind = "sessions_ended" // by staff or the operator
)

// Recorded reports whether event number n of many equal ones gets a row: the first
// five, then each time their number has doubled (8, 16, 32, ...). So a flood can't
// fill the table, and the record still shows how large the flood was.
func Recorded(n int) bool { return n <= 5 || n&(n-1) == 0 }

// RecordedOf is Recorded for an event that is number n of those from one source and
// number total of those from all. So a flood from many sources can't fill it either.
func RecordedOf(n, total int) bool { return Recorded(n) && (total <= 32 || Recorded(total)) }

// Numbered returns the detail of event number n of many equal ones. The first
// events, which all have a row, need no number.
func Numbered(reason string, n int) string {
	if n <= 5 {
		return reason
	}
	return strings.TrimSpace(reason + " #" + strconv.Itoa(n))
}

// Number splits the detail of an event into its reason and its number; 0 if it has
// none.
func Number(detail string) (reason string, n int) {
	reason, digits, found := strings.Cut(detail, "#")
	n, err := strconv.Atoi(digits)
	if !found || err != nil {
		return detail, 0
	}
	return strings.TrimSpace(reason), n
}

// countTime is how long equal events of a link are numbered together. No link lives
// longer, but people and programs open dead links too.
const countTime = MaxLifetime

// appendCounted appends an event of a link, unless there were too many like it. Opens that
// a person can have caused are numbered apart from the others.
func appendCounted(ctx context.Context, tx Tx, e Event) error {
	alike := fmt.Sprintf("event %s %s %s", e.ResetID, e.Kind, e.Actor)
	if e.Actor == ActorScanner && !ExcludesPerson(e.Detail) {
		alike += " or a person"
	}
	n, err := tx.CountUp(ctx, alike, e.At, e.At.Add(countTime))
	if err != nil || !Recorded(n) {
		return err
	}
	e.Detail = Numbered(e.Detail, n)
	return tx.Append(ctx, e)
}

// Record appends events of accounts. Without an event it makes a similar write to a
// counter of the source, so its time does not reveal whether there was an account.
func (s *Service) Record(ctx context.Context, source string, events ...Event) error {
	now := s.now()
	err := s.store.InBatch(ctx, func(tx Tx) error {
		if len(events) == 0 {
			_, err := tx.CountUp(ctx, "no event from "+source, now, now.Add(countTime))
			return err
		}
		for _, e := range events {
			if err := tx.Append(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("record events: %w", err)
	}
	return nil
}

// clearSignIns forgets the failed sign-ins to an account, and reports whether there
// were any.
func (s *Service) clearSignIns(ctx context.Context, tx Tx, a Account) (cleared bool, err error) {
	if s.signIns == nil {
		return false, nil
	}
	for _, owner := range s.signIns(a.Email) {
		n, err := tx.ClearSignIns(ctx, owner)
		if err != nil {
			return false, err
		}
		cleared = cleared || n > 0
	}
	return cleared, nil
}

// changedPassword returns the event of a new password that was set without a link.
func changedPassword(userID, actor string, at time.Time, by Client) Event {
	return Event{UserID: userID, At: at, Kind: EventPasswordChanged, Actor: actor, IP: by.IP, Agent: by.Agent}
}
