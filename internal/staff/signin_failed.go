package staff

import (
	"context"
	"time"

	"resetd/internal/reset"
)

// failedTime is how long failed sign-ins with unknown names are counted together.
const failedTime = time.Hour

// refusedTooMany is the reason while sign-ins of a member are refused unchecked.
const refusedTooMany = "too many tries"

// failed records a failed sign-in, and the lock that it causes. It makes the same
// number of writes for every name, so its time does not reveal which names exist.
func (s *Service) failed(ctx context.Context, m Member, e Entry, tries Tries) error {
	known := m.Name != ""
	if !known {
		e.Member = Nobody
	}
	due, err := s.due(ctx, known, tries)
	if err == nil {
		err = s.recordIf(ctx, due, e, tries)
	}
	if err == nil && tries.Locks {
		e.Refused = refusedTooMany
		err = s.recordIf(ctx, known, e, tries)
	}
	return err
}

// due reports whether a failure gets an entry. Of those of a member, some do, see
// reset.RecordedOf. Of those with unknown names, the first in each window from each
// network does; if they come from many networks, only some of these.
func (s *Service) due(ctx context.Context, known bool, tries Tries) (bool, error) {
	names := "staff nobody"
	if known {
		names = "staff member"
	}
	here, err := s.countUp(ctx, names+" from "+tries.Source)
	if err != nil {
		return false, err
	}
	if here > 1 {
		names += " again" // only the first from each network counts among all
	}
	total, err := s.countUp(ctx, names)
	if known {
		return reset.RecordedOf(tries.Number, tries.Total), err
	}
	return here == 1 && reset.RecordedOf(here, total), err
}

// recordIf records an entry, or makes a similar write.
func (s *Service) recordIf(ctx context.Context, due bool, e Entry, tries Tries) error {
	if due {
		return s.record(ctx, e)
	}
	_, err := s.countUp(ctx, "staff no entry from "+tries.Source)
	return err
}

func (s *Service) countUp(ctx context.Context, key string) (int, error) {
	now := s.now()
	return s.store.CountUp(ctx, key, now, now.Add(failedTime))
}
