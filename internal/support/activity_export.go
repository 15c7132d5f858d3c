package support

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/netip"
	"strconv"
	"strings"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/web"
)

// activityColumns are the columns of an export, which are those of reset_audit.
var activityColumns = []string{"id", "at", "member", "role", "action", "target", "refused", "reason", "caller", "ip", "agent"}

// activityBatch is how many entries of an export are read at once.
const activityBatch = 1000

func (s *support) activityCSV(v visit) error {
	return s.exportActivity(v, "staff-activity.csv", "text/csv; charset=utf-8", history.NewCSVLines)
}

func (s *support) activityJSON(v visit) error {
	return s.exportActivity(v, "staff-activity.json", "application/x-ndjson", history.NewJSONLines)
}

// exportActivity sends all entries that the page with the same query shows.
func (s *support) exportActivity(v visit, name, kind string, format func(io.Writer, ...string) history.Lines) error {
	q, broken := activityOf(v)
	if err := s.may(v, staff.ExportedAudit, strings.TrimPrefix(q.with("", ""), "?")); err != nil {
		return err
	}
	search, wrong := q.search(v.now)
	if broken != nil || len(wrong) > 0 {
		return web.ErrBadRequest // the page shows what is wrong
	}
	targets, stuck, err := s.targets(v.ctx(), q.Whom)
	if err != nil || stuck { // an incomplete export must not look complete
		return cmp.Or(err, reset.ErrAccounts)
	}
	search.Targets = targets
	out := format(v.Writer, activityColumns...)
	return download(v, name, kind, out, func(ctx context.Context, alive func() error) error {
		return s.eachEntry(ctx, search, func(e staff.Entry) error { return errors.Join(alive(), out.Line(cells(e)...)) })
	})
}

// eachEntry calls yield for every entry of a search, newest first. It holds one batch in
// memory.
func (s *support) eachEntry(ctx context.Context, q staff.Search, yield func(staff.Entry) error) error {
	q.Rows = activityBatch
	for {
		entries, err := s.Staff.Audit(ctx, q)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := yield(e); err != nil {
				return err
			}
		}
		if len(entries) < activityBatch {
			return nil
		}
		q.After = entries[len(entries)-1].Position()
	}
}

// cells returns the texts of an entry, in the order of activityColumns.
func cells(e staff.Entry) []string {
	return []string{
		strconv.FormatInt(e.ID, 10), e.At.UTC().Format("2006-01-02T15:04:05.000000Z"), e.Member, string(e.Role), string(e.Action),
		e.Target, e.Refused, e.Reason, string(e.Caller), addressText(e.IP), e.Agent,
	}
}

func addressText(ip netip.Addr) string {
	if !ip.IsValid() {
		return ""
	}
	return ip.String()
}

// inWords describes a search of the activity.
func (q activityQuery) inWords(p page) string {
	words := []string{q.Who, q.whatWord(p), q.Whom, q.Why}
	if q.Within != "" {
		words = append(words, p.plain("within_", q.Within))
	}
	return together(append(words, p.daysInWords(q.Since, q.Until)...))
}

func (q activityQuery) whatWord(p page) string {
	if word := p.plain("group_", q.What); word != q.What {
		return word
	}
	return p.plain("action_", q.What)
}
