package history

import (
	"net/netip"
	"strings"

	"resetd/internal/reset"
)

// When a trained eye would look twice.
const (
	manyAccounts = 5 // asked for from one IP address in the hours around
	manyRefused  = 5 // attempts with one link
)

// Flags are what is unusual about a reset. Near is how many different addresses
// were requested from its IP address in the hours around it.
func (l Life) Flags(near int) (flags []Message) {
	if !l.onBehalf() && l.UsedByIP.IsValid() && site(l.UsedByIP) != site(l.CreatedByIP) {
		flags = append(flags, message("flag_networks", "Asked", l.CreatedByIP.String(), "Used", l.UsedByIP.String()))
	}
	if !l.onBehalf() && near >= manyAccounts {
		flags = append(flags, message("flag_accounts", "Count", near, "IP", l.CreatedByIP.String()))
	}
	if refused := l.count(reset.EventRefused, ""); refused >= manyRefused {
		flags = append(flags, message("flag_refused", "Count", refused))
	}
	return flags
}

// onBehalf tells whether staff or a program asked: where they sit says nothing
// of the person.
func (l Life) onBehalf() bool { return strings.Contains(l.RequestedBy, ":") }

// site is the network that an address belongs to, as far as an address
// tells: its /24, or its /48, which is what a site is given (RFC 6177).
func site(ip netip.Addr) netip.Prefix {
	ip = ip.Unmap().WithZone("")
	bits := 24
	if ip.Is6() {
		bits = 48
	}
	return netip.PrefixFrom(ip, bits).Masked()
}
