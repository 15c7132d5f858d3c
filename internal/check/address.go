package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"
)

// listenerTimeout is for a program on this machine.
const listenerTimeout = 2 * time.Second

// address compares where people are sent with where resetd listens and with the
// proxies between. It knows nothing of the network: what it says follows from
// the settings alone.
func (i *inspection) address(context.Context) (found []finding) {
	host, port, _ := net.SplitHostPort(i.Config.Addr) // config has parsed it
	base, proxies := i.Config.BaseURL, i.Config.TrustedProxies
	switch {
	case base.Scheme == "https":
		found = judgeProxies(loopback(host), proxies)
	case !loopback(host):
		found = append(found, wrong(fmt.Sprintf("links lead to %s, which is the reader's own machine, but resetd listens to others at %s; set RESETD_BASE_URL", base, i.Config.Addr)))
	case base.Port() != port && port != "0":
		found = append(found, note(fmt.Sprintf("links lead to %s, but resetd listens at %s", base, i.Config.Addr)))
	}
	for _, p := range proxies {
		if tooWide(p) {
			found = append(found, wrong(fmt.Sprintf("RESETD_TRUSTED_PROXIES trusts %s: anybody can claim any IP address; list your proxies alone", p)))
		}
	}
	if len(found) == 0 {
		found = append(found, ok("links lead to "+base.String()))
	}
	return found
}

// judgeProxies: resetd speaks no TLS, so under https there is a proxy.
func judgeProxies(local bool, proxies []netip.Prefix) []finding {
	self := func(p netip.Prefix) bool { return p.Addr().IsLoopback() || tooWide(p) }
	switch {
	case len(proxies) == 0 && local:
		return []finding{wrong("every visitor would have the proxy's IP address, in the record and for the limits; set RESETD_TRUSTED_PROXIES=127.0.0.1,::1")}
	case len(proxies) == 0:
		return []finding{wrong("every visitor would have the proxy's IP address, in the record and for the limits; set RESETD_TRUSTED_PROXIES to that address")}
	case local && !slices.ContainsFunc(proxies, self):
		return []finding{wrong("the proxy can reach the listener from this machine alone, and RESETD_TRUSTED_PROXIES lists others; add 127.0.0.1,::1")}
	default:
		return nil
	}
}

// tooWide tells networks that nobody has for proxies alone. 10.0.0.0/8 and
// fc00::/7 are the widest that one could.
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

// listener tries to listen for a moment.
func (i *inspection) listener(ctx context.Context) []finding {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", i.Config.Addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return []finding{i.taken(ctx)}
	case err != nil:
		return []finding{wrong(fmt.Sprintf("%s; correct RESETD_ADDR", err))}
	}
	_ = l.Close()
	return []finding{ok(i.Config.Addr + " is free")}
}

// taken asks whoever listens whether it is resetd.
func (i *inspection) taken(ctx context.Context) finding {
	ctx, cancel := context.WithTimeout(ctx, listenerTimeout)
	defer cancel()
	if healthy(ctx, i.Config.Addr) {
		return ok(i.Config.Addr + " is in use, by resetd as it seems")
	}
	return note(i.Config.Addr + " is in use by another program; resetd can't start before that ends")
}

func healthy(ctx context.Context, addr string) bool {
	host, port, _ := net.SplitHostPort(addr)
	if ip, err := netip.ParseAddr(host); host == "" || (err == nil && ip.IsUnspecified()) {
		host = "localhost"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return false
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // no proxy: it is this machine
	res, err := client.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 16))
	return err == nil && res.StatusCode == http.StatusOK && string(body) == "ok\n"
}

// templates tries all pages and mails: one that is broken keeps resetd from
// starting.
func (i *inspection) templates(context.Context) []finding {
	if err := i.Templates(); err != nil {
		return []finding{wrong(strings.ReplaceAll(err.Error(), "\n", "; "))}
	}
	return []finding{ok("all pages and mails can be made")}
}
