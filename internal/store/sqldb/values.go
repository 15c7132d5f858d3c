package sqldb

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"resetd/internal/reset"
)

// timeFormat is the form of times in SQLite; PostgreSQL reads it too. It is UTC
// with a fixed width, so the text sorts like the time.
const timeFormat = "2006-01-02 15:04:05.000000+00:00"

// Format returns a time in the form of the record's databases; a zero time is empty.
func Format(t time.Time) string { return format(t, timeFormat) }

func format(t time.Time, form string) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Truncate(time.Microsecond).Format(form)
}

// arguments converts values of the domain into bound values. Zero times, addresses
// and ids become NULL.
func (d *Dialect) arguments(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case time.Time:
			out[i] = Null(format(v, cmp.Or(d.timeForm, timeFormat)))
		case netip.Addr:
			out[i] = Null(ipText(v))
		case reset.ID:
			out[i] = sql.NullString{String: v.String(), Valid: v != reset.ID{}}
		default:
			out[i] = a
		}
	}
	return out
}

// ipText removes the zone, which is meaningful only on one machine, and returns an
// IPv4-mapped IPv6 address as IPv4.
func ipText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.Unmap().WithZone("").String()
}

// Null stores an empty text as NULL.
func Null[T ~string](s T) sql.NullString {
	return sql.NullString{String: string(s), Valid: s != ""}
}

// Text reads NULL as empty.
type Text struct{ V string }

// Scan implements [sql.Scanner].
func (t *Text) Scan(src any) error {
	var s sql.NullString
	err := s.Scan(src)
	t.V = s.String
	return err
}

// Instant reads a time of either database; NULL is the zero time.
type Instant struct{ time.Time }

// Scan implements [sql.Scanner].
func (i *Instant) Scan(src any) (err error) {
	switch v := src.(type) {
	case nil:
		i.Time = time.Time{}
	case time.Time:
		i.Time = v.UTC()
	case string:
		i.Time, err = time.Parse(timeFormat, v)
	case []byte:
		i.Time, err = time.Parse(timeFormat, string(v))
	default:
		err = fmt.Errorf("store: no time in a %T", src)
	}
	if err != nil {
		return errors.New("store: a time in the database is not in the form " + timeFormat)
	}
	return nil
}

// IP reads an IP address; NULL is the zero address.
type IP struct{ netip.Addr }

// Scan implements [sql.Scanner].
func (a *IP) Scan(src any) (err error) {
	var s sql.NullString
	if err := s.Scan(src); err != nil || !s.Valid {
		a.Addr = netip.Addr{}
		return err
	}
	a.Addr, err = netip.ParseAddr(s.String)
	return err
}
