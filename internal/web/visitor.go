package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/gin-gonic/gin"
)

// ProxyHeaders are the headers in which proxies pass on the visitor's IP address. The
// first is the default.
var ProxyHeaders = []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip"}

// Proxies are the proxies whose header counts.
type Proxies struct {
	Trusted []netip.Prefix
	Header  string // one of ProxyHeaders
}

// Unknown is the IP address of a visitor whose proxy does not pass it on. It is the
// unspecified address, which nobody has (RFC 4291, section 2.5.2).
var Unknown = netip.IPv6Unspecified()

// Visitor returns the IP address of a visitor: the peer's or, behind a trusted proxy,
// the last one in the header that is not a trusted proxy. It returns Unknown if the
// header has no such address or has one that can't be read: a proxy is never taken for
// the visitor, because all visitors would then share its limits.
func (p Proxies) Visitor(peer string, header http.Header) netip.Addr {
	ip, ok := readNode(peer)
	if ok && !p.trusts(ip) {
		return ip
	}
	if !ok && peer != "" && peer != "@" { // the peer of a Unix socket, which is always a proxy
		return Unknown
	}
	for _, node := range p.nodes(header.Values(p.Header)) {
		if ip, ok = readNode(node); !ok {
			return Unknown
		}
		if !p.trusts(ip) {
			return ip
		}
	}
	return Unknown
}

func (p Proxies) trusts(ip netip.Addr) bool {
	return slices.ContainsFunc(p.Trusted, func(network netip.Prefix) bool { return network.Contains(ip) })
}

// nodes returns the elements of the header, the nearest proxy's first. Several headers
// are one list (RFC 9110, section 5.3). Empty elements do not count (section 5.6.1).
func (p Proxies) nodes(lines []string) (nodes []string) {
	for _, element := range splitBackwards(strings.Join(lines, ","), ',') {
		switch {
		case element == "":
		case p.Header == "Forwarded":
			nodes = append(nodes, forwardedFor(element))
		default:
			nodes = append(nodes, element)
		}
	}
	return nodes
}

// forwardedFor returns the parameter for of an element (RFC 7239, section 4); empty if
// there is none.
func forwardedFor(element string) string {
	for _, pair := range splitBackwards(element, ';') {
		if name, value, _ := strings.Cut(pair, "="); strings.EqualFold(strings.TrimSpace(name), "for") {
			return value
		}
	}
	return ""
}

// splitBackwards splits a text, but not within double quotes, and returns the trimmed
// parts, the last one first. It reads from the end: a visitor who sends a quote that is
// never closed could otherwise hide the address that the proxy adds behind it.
func splitBackwards(text string, at byte) (parts []string) {
	quoted, end := false, len(text)
	for i := len(text) - 1; i >= 0; i-- {
		switch {
		case text[i] == '"' && !escaped(text[:i]):
			quoted = !quoted
		case text[i] == at && !quoted:
			parts, end = append(parts, strings.TrimSpace(text[i+1:end])), i
		}
	}
	return append(parts, strings.TrimSpace(text[:end]))
}

// escaped reports whether a backslash escapes what follows the text.
func escaped(text string) bool {
	return (len(text)-len(strings.TrimRight(text, `\`)))%2 == 1
}

// readNode reads an IP address with or without quotes, brackets, zone and port (RFC
// 7239, section 6). It removes the zone and maps ::ffff:192.0.2.1 to IPv4.
func readNode(text string) (netip.Addr, bool) {
	text = strings.Trim(text, "\" \t")
	if inside, found := strings.CutPrefix(text, "["); found {
		inside, port, closed := strings.Cut(inside, "]")
		if !closed || port != "" && port[0] != ':' {
			return netip.Addr{}, false
		}
		text = inside
	}
	ip, err := netip.ParseAddr(text)
	if err != nil {
		host := text[:max(strings.LastIndexByte(text, ':'), 0)]
		if ip, err = netip.ParseAddr(host); err != nil || !ip.Unmap().Is4() { // only IPv4 has a port without brackets
			return netip.Addr{}, false
		}
	}
	return ip.Unmap().WithZone(""), true
}

// visitorKey is the key of the visitor's IP address in the request's context.
const visitorKey = "visitor"

// identifyVisitor stores the visitor's IP address. It counts the requests without one,
// and logs the first, the tenth, the hundredth and so on, but never the header. A probe of
// the service's health comes from a machine of the operator, often past the proxy, so it
// does not count.
func identifyVisitor(cfg EngineConfig) gin.HandlerFunc {
	p, count := cfg.Proxies, cfg.Unidentified
	var unknown atomic.Int64
	return func(c *gin.Context) {
		ip := p.Visitor(c.Request.RemoteAddr, c.Request.Header)
		c.Set(visitorKey, ip)
		if ip == Unknown && !isProbe(c) {
			if count != nil {
				count()
			}
			if n := unknown.Add(1); powerOfTen(n) {
				cfg.Log.Warn("the header of a trusted proxy is missing or names no visitor, only trusted or unreadable addresses; try it with: resetd check --forwarded HEADER", "header", p.Header, "requests", n)
			}
		}
	}
}

func powerOfTen(n int64) bool {
	for n%10 == 0 {
		n /= 10
	}
	return n == 1
}
