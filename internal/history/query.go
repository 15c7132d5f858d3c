package history

import (
	"cmp"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"resetd/internal/reset"
)

// maxQuery is the maximum length of a search text, in bytes. It is longer than any
// address.
const maxQuery = 320

// maxURL is the maximum length of a pasted URL that is looked into, in bytes. Gateways that
// check links make them long.
const maxURL = 4096

// Kind is a possible meaning of a search text.
type Kind string

// The kinds. The ids of their texts end with these words.
const (
	Anything  Kind = "anything"
	Address   Kind = "address"
	Part      Kind = "part"
	User      Kind = "account"
	Reset     Kind = "reset"
	Beginning Kind = "reset_prefix"
	IP        Kind = "ip"
	Network   Kind = "network"
)

// Reading is one way to interpret a search text.
type Reading struct {
	Kind   Kind
	Filter Filter // only for this text
}

// Unreadable is why a text can't be searched for. Pages have their own words for each.
type Unreadable string

// The reasons.
const (
	TooLong  Unreadable = "long"
	NotText  Unreadable = "bytes"
	NoSubnet Unreadable = "network"
	MixedIPs Unreadable = "mixed"
	CutOff   Unreadable = "cut" // the URL of the page
)

func (u Unreadable) Error() string {
	return "the text can't be searched for: it " + map[Unreadable]string{
		TooLong:  fmt.Sprintf("is too long; no address is longer than %d bytes", maxQuery),
		NotText:  "contains bytes that are not text",
		NoSubnet: "looks like a network, such as 203.0.113.0/24, but is not one",
		MixedIPs: "mixes the two kinds of IP addresses",
		CutOff:   "is incomplete",
	}[u]
}

var (
	eightHex = regexp.MustCompile(`^[0-9a-f]{8}$`)
	urlOfID  = regexp.MustCompile(`^\S*/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:[^\w/-]\S*)?$`)
	likeNet  = regexp.MustCompile(`^[0-9a-fA-F]*[.:][0-9a-fA-F.:]*/\d+$`)
)

// Readings returns the possible meanings of a text, the most likely first. An id may
// belong to a reset or an account, and an account's id may be any text. So only a
// search can decide: the first reading with a match counts.
func Readings(text string) ([]Reading, error) {
	text = SearchText(text)
	switch {
	case text == "":
		return []Reading{{Anything, Filter{}}}, nil
	case len(text) > maxQuery:
		return nil, TooLong
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return nil, NotText
	case likeNet.MatchString(text):
		return network(text)
	}
	if ip, err := netip.ParseAddr(text); err == nil {
		ip = ip.Unmap().WithZone("")
		return []Reading{{IP, Filter{Network: netip.PrefixFrom(ip, ip.BitLen())}}}, nil
	}
	return words(text), nil
}

// SearchText returns the text to search for: without the characters around a text that
// was copied from an email, unless nothing else is left. Of a link or a page's URL that
// ends with an id, only the id is left.
func SearchText(text string) string {
	text = reset.Trim(text)
	if len(text) > maxURL {
		return text
	}
	if id := urlOfID.FindStringSubmatch(reset.NameTokens(text)); id != nil {
		return id[1]
	}
	inner := reset.AddressIn(text)
	for before := ""; inner != before; {
		before, inner = inner, reset.Trim(strings.Trim(inner, "<>,;"))
	}
	return cmp.Or(inner, text)
}

func network(text string) ([]Reading, error) {
	n, err := netip.ParsePrefix(text)
	if err != nil {
		return nil, NoSubnet
	}
	if n.Addr().Is4In6() {
		return nil, MixedIPs
	}
	return []Reading{{Network, Filter{Network: n.Masked()}}}, nil
}

func words(text string) (all []Reading) {
	lower := strings.ToLower(norm.NFC.String(text)) // the form of addresses in the record
	if id, err := uuid.Parse(text); err == nil && id != uuid.Nil {
		all = append(all, Reading{Reset, Filter{ID: id}})
	}
	if eightHex.MatchString(lower) {
		all = append(all, Reading{Beginning, Filter{IDPrefix: lower}})
	}
	if a, err := reset.ParseAddress(text); err == nil {
		all = append(all, Reading{Address, Filter{Email: a.Normal}})
	}
	all = append(all, Reading{User, Filter{UserID: text}}, Reading{Part, Filter{Part: lower}})
	if part := withALabels(lower); part != lower {
		all = append(all, Reading{Part, Filter{Part: part}})
	}
	return all
}

// withALabels converts the domain in a part of an address to A-labels, as in the
// record (RFC 5891). It treats every label as complete, although the first or last
// one may be cut.
func withALabels(part string) string {
	at := strings.LastIndexByte(part, '@') + 1
	domain, err := idna.Lookup.ToASCII(part[at:])
	if err != nil {
		return part
	}
	return part[:at] + domain
}
