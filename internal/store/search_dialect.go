package store

import (
	"database/sql/driver"
	"errors"
	"net/netip"
	"strings"

	"github.com/lib/pq"
	"modernc.org/sqlite"
)

// day is the UTC day of a reset's creation, in the words of the index.
func (d *dialect) day() string {
	if d == &onPostgres {
		return `(CAST(created_at AT TIME ZONE 'UTC' AS date))`
	}
	return `substr(created_at, 1, 10)`
}

// days begins a statement with all days between two, the newest first.
func (d *dialect) days(first, last string) string {
	if d == &onPostgres {
		return `days AS MATERIALIZED (SELECT CAST(day AS date) AS day
			FROM generate_series(CAST(` + last + ` AS timestamp), CAST(` + first + ` AS timestamp), '-1 day') AS day)`
	}
	return `RECURSIVE days (day) AS (SELECT ` + last + ` UNION ALL SELECT date(day, '-1 day') FROM days WHERE day > ` + first + `)`
}

// eachDay selects the rows of one day after the other, and stops when whoever
// reads them has enough. OFFSET keeps PostgreSQL from another order; SQLite has
// none for a cross join but the one that is written.
func (d *dialect) eachDay(where string) string {
	if d == &onPostgres {
		return `SELECT found.*, days.day FROM (SELECT day FROM days ORDER BY day DESC) AS days
			CROSS JOIN LATERAL (SELECT id, created_at FROM password_resets` + where + ` OFFSET 0) AS found ORDER BY days.day DESC`
	}
	return `SELECT id, created_at, days.day FROM days CROSS JOIN password_resets` + where
}

// among says that what stands before it is one of the values. PostgreSQL reads and
// plans one parameter in half the time that one for each takes.
func (d *dialect) among(c *conditions, values []string) string {
	if d == &onPostgres {
		return `= ANY (` + c.bind(pq.Array(values)) + `)`
	}
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = c.bind(v)
	}
	return `IN (` + strings.Join(list, ", ") + `)`
}

// fence keeps conditions from moving into the query that it ends, and its order
// as it is.
func (d *dialect) fence() string {
	if d == &onPostgres {
		return ` OFFSET 0`
	}
	return ` LIMIT -1`
}

// byStatus is the creation's time as the index of the status has it. PostgreSQL
// can then use no other index, such as that of the time, which it likes better
// than it should where a status is rare.
func (d *dialect) byStatus() column {
	if d == &onPostgres {
		return column{`(created_at AT TIME ZONE 'UTC')`, `(CAST(? AS timestamptz) AT TIME ZONE 'UTC')`, "id"}
	}
	return created
}

// within says that a column's address is of the network: between its first and
// its last, which for the text in SQLite is only nearly so.
func (s search) within(c *conditions, column string) string {
	low, high := bounds(s.Network)
	if low == high { // an index has the rest of its columns in order then
		return column + ` = ` + c.bind(low)
	}
	if s.dialect == &onPostgres {
		return column + ` >= ` + c.bind(low) + ` AND ` + column + ` <= ` + c.bind(high)
	}
	within := `resetd_within(` + column + `, ` + c.bind(s.Network.String()) + `)`
	if begin := commonText(low, high); begin != "" {
		within = column + ` >= ` + c.bind(begin) + ` AND ` + column + ` < ` + c.bind(begin+"~") + ` AND ` + within
	}
	return within
}

// bounds are the first and the last address of a network.
func bounds(p netip.Prefix) (low, high netip.Addr) {
	last := p.Addr().AsSlice()
	for i := p.Bits(); i < len(last)*8; i++ {
		last[i/8] |= 0x80 >> (i % 8)
	}
	high, _ = netip.AddrFromSlice(last)
	return p.Addr(), high
}

// commonText is what the text of every address between two begins with. IPv6
// writes a group of zeros in two ways.
func commonText(low, high netip.Addr) string {
	separator := "."
	if low.Is6() {
		separator = ":"
	}
	a, b := strings.Split(low.String(), separator), strings.Split(high.String(), separator)
	var common strings.Builder
	for i := 0; i < min(len(a), len(b)) && a[i] == b[i] && (low.Is4() || a[i] != "" && a[i] != "0"); i++ {
		common.WriteString(a[i] + separator)
	}
	return common.String()
}

// has says that an address has the part in it.
func (s search) has(c *conditions, column string) {
	c.add(true, s.dialect.position+`(`+column+`, ?) > 0`, s.Part)
}

func init() {
	sqlite.MustRegisterDeterministicScalarFunction("resetd_within", 2, within)
}

// within tells SQLite whether an address is in a network. Nothing that is
// stored depends on it, so that other programs can read the database.
func within(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	if args[0] == nil {
		return nil, nil
	}
	address, isText := args[0].(string)
	network, isTextToo := args[1].(string)
	if !isText || !isTextToo {
		return nil, errors.New("resetd_within takes texts")
	}
	p, err := netip.ParsePrefix(network)
	if err != nil {
		return nil, err
	}
	a, err := netip.ParseAddr(address)
	if err != nil {
		return nil, err
	}
	return p.Contains(a), nil
}

// inet makes an address of a parameter that has no column beside it.
func (d *dialect) inet(parameter string) string {
	if d == &onPostgres {
		return `CAST(` + parameter + ` AS inet)`
	}
	return parameter
}

// took is how long a use took, exactly.
func (d *dialect) took() string {
	if d == &onPostgres {
		return `used_at - created_at`
	}
	return `(strftime('%s', used_at) - strftime('%s', created_at)) * 1000000 + substr(used_at, 21, 6) - substr(created_at, 21, 6)`
}

// domain is what stands behind the last @ of a mail's recipient.
func (d *dialect) domain() string {
	if d == &onPostgres {
		return `lower(reverse(split_part(reverse(coalesce(d.recipient, '')), '@', 1)))` // a pattern takes ten times as long
	}
	return `lower(replace(d.recipient, rtrim(d.recipient, replace(d.recipient, '@', '')), ''))`
}

// host writes an address without the length of its network.
func (d *dialect) host(column string) string {
	if d == &onPostgres {
		return `host(` + column + `)`
	}
	return column
}
