package history

import (
	"net/netip"
	"strings"

	"resetd/internal/reset"
)

// The limits from which a reset is unusual.
const (
	manyAccounts = 5 // addresses requested from one IP address in the hours around the request
	manyRefused  = 5 // attempts with one link
)

// Flags returns messages about unusual properties of a reset. near is how many
// different addresses were requested from its IP address in the hours around it.
func (l Life) Flags(near int) (flags []Message) {
	if !l.onBehalf() && known(l.UsedByIP) && known(l.CreatedByIP) && Site(l.UsedByIP) != Site(l.CreatedByIP) {
		flags = append(flags, message("flag_networks", "Asked", l.CreatedByIP.String(), "Used", l.UsedByIP.String()))
	}
	if !l.onBehalf() && known(l.CreatedByIP) && near >= manyAccounts {
		flags = append(flags, message("flag_accounts", "Count", near, "IP", l.CreatedByIP.String()))
	}
	if refused := l.count(reset.EventRefused, ""); refused >= manyRefused {
		flags = append(flags, counted("flag_refused", refused))
	}
	return flags
}

// known reports whether an IP address is a visitor's. The record has :: for visitors whose
// address the proxy did not pass on.
func known(ip netip.Addr) bool { return ip.IsValid() && !ip.IsUnspecified() }

// onBehalf reports whether staff or a program made the request. Then the request's
// IP address is not the owner's.
func (l Life) onBehalf() bool { return strings.Contains(l.RequestedBy, ":") }

// Site returns the probable network of an IP address: its /24, or for IPv6 its /48,
// which is a usual size for one site (RFC 6177).
func Site(ip netip.Addr) netip.Prefix {
	ip = ip.Unmap().WithZone("")
	bits := 24
	if ip.Is6() {
		bits = 48
	}
	return netip.PrefixFrom(ip, bits).Masked()
}
