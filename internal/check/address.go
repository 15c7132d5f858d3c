package check

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"syscall"

	"resetd/internal/listen"
)

// address compares the base URL of links with the listener and with the trusted
// proxies. It reads only the settings and does not use the network.
func (i *inspection) address(context.Context) (found results) {
	host, port, _ := net.SplitHostPort(i.Config.Addr) // config has validated it
	base, proxies := i.Config.BaseURL, i.Config.Proxies.Trusted
	_, socket := listen.UnixPath(i.Config.Addr)
	switch {
	case socket, i.Config.Certificate != nil && len(proxies) == 0: // only a proxy connects, or none is there
	case base.Scheme == "https":
		found = judgeProxies(loopback(host), proxies)
	case !loopback(host):
		found = wrong("links lead to %s, which is the reader's own machine, but resetd listens at %s, which other machines can reach; set RESETD_BASE_URL", base, i.Config.Addr)
	case base.Port() != port && port != "0":
		found = note("links lead to %s, but resetd listens at %s", base, i.Config.Addr)
	}
	for _, p := range proxies {
		if tooWide(p) {
			found = append(found, wrong("RESETD_TRUSTED_PROXIES trusts %s, so anybody can claim any IP address; list only your proxies", p)...)
		}
	}
	return found.or(ok("links lead to %s", base))
}

// judgeProxies checks the trusted proxies of an https site without a certificate of its
// own, which always has a proxy.
func judgeProxies(local bool, proxies []netip.Prefix) results {
	const unknown = "the record and the limits would use the proxy's IP address for every visitor; set RESETD_TRUSTED_PROXIES"
	self := func(p netip.Prefix) bool { return p.Addr().IsLoopback() || tooWide(p) }
	switch {
	case len(proxies) == 0 && local:
		return wrong(unknown + "=127.0.0.1,::1")
	case len(proxies) == 0:
		return wrong(unknown + " to this address")
	case local && !slices.ContainsFunc(proxies, self):
		return wrong("resetd listens on the loopback interface, so the proxy runs on this machine, but RESETD_TRUSTED_PROXIES does not contain its address; add 127.0.0.1,::1")
	default:
		return nil
	}
}

// tooWide reports whether a network is too large to contain only proxies. The largest
// private networks are 10.0.0.0/8 and fc00::/7.
func tooWide(p netip.Prefix) bool {
	if p.Addr().Is4() {
		return p.Bits() < 8
	}
	return p.Bits() < 7
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && ip.Unmap().IsLoopback())
}

// listener opens the listener and closes it at once.
func (i *inspection) listener(ctx context.Context) results {
	return append(tryListener(ctx, i.Config.Addr, i.Config.Certificate != nil), judgeMetrics(i.Config.MetricsAddr)...)
}

// judgeMetrics reports metrics that other machines may read.
func judgeMetrics(addr string) results {
	_, socket := listen.UnixPath(addr)
	host, _, _ := net.SplitHostPort(addr)
	if addr == "" || socket || loopback(host) {
		return nil
	}
	return note("other machines may read the metrics at %s; let only Prometheus connect", addr)
}

func tryListener(ctx context.Context, addr string, tls bool) results {
	if listen.Healthy(ctx, addr, tls) == nil {
		return ok("%s is in use, probably by resetd", addr)
	}
	l, err := listen.Open(ctx, addr)
	switch {
	case err == nil:
		_ = l.Close()
		return ok("%s is free", addr)
	case !errors.Is(err, syscall.EADDRINUSE):
		return wrong("%s; correct RESETD_ADDR", err)
	default:
		return note("%s is in use by another program; stop it before you start resetd", addr)
	}
}
