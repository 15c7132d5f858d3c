package sqldb

import (
	"database/sql/driver"
	"errors"
	"net/netip"
	"strings"

	"modernc.org/sqlite"
)

// withinInet returns a range condition: PostgreSQL sorts IP addresses as numbers.
func withinInet(bind func(any) string, column string, network netip.Prefix) string {
	low, high := bounds(network)
	return column + ` >= ` + bind(low) + ` AND ` + column + ` <= ` + bind(high)
}

// withinText returns a range condition, which can use an index, for the common
// prefix of the network's addresses. A function removes the other addresses in that
// range.
func withinText(bind func(any) string, column string, network netip.Prefix) string {
	within := `resetd_within(` + column + `, ` + bind(network.String()) + `)`
	if begin := commonText(bounds(network)); begin != "" {
		within = column + ` >= ` + bind(begin) + ` AND ` + column + ` < ` + bind(begin+"~") + ` AND ` + within
	}
	return within
}

// bounds returns the first and the last address of a network.
func bounds(p netip.Prefix) (low, high netip.Addr) {
	last := p.Addr().AsSlice()
	for i := p.Bits(); i < len(last)*8; i++ {
		last[i/8] |= 0x80 >> (i % 8)
	}
	high, _ = netip.AddrFromSlice(last)
	return p.Addr(), high
}

// commonText returns the common prefix of the texts of all addresses from low to
// high. It ends before the first zero group of an IPv6 address, because such
// groups have two spellings.
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

func init() {
	sqlite.MustRegisterDeterministicScalarFunction("resetd_within", 2, within)
	sqlite.MustRegisterDeterministicScalarFunction("resetd_site", 1, site)
}

// site is an SQLite function: it returns the /24 of an IP address, or the /48 of IPv6.
func site(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	text, isText := args[0].(string)
	if !isText {
		return nil, errors.New("resetd_site takes a text")
	}
	a, err := netip.ParseAddr(text)
	if err != nil {
		return nil, err
	}
	bits := 24
	if a.Is6() {
		bits = 48
	}
	return netip.PrefixFrom(a, bits).Masked().String(), nil
}

// within is an SQLite function: it returns whether an IP address is in a network.
// No index or trigger uses it, so other programs can read the database.
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
