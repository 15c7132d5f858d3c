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

	"resetd/internal/words"
)

// listenerTimeout limits the request to the program that uses the port. It runs on this
// machine.
const listenerTimeout = 2 * time.Second

// address compares the base URL of links with the listener and with the trusted
// proxies. It reads only the settings and does not use the network.
func (i *inspection) address(context.Context) (found []finding) {
	host, port, _ := net.SplitHostPort(i.Config.Addr) // config has validated it
	base, proxies := i.Config.BaseURL, i.Config.Proxies.Trusted
	switch {
	case base.Scheme == "https":
		found = judgeProxies(loopback(host), proxies)
	case !loopback(host):
		found = append(found, wrong(fmt.Sprintf("links lead to %s, which is the reader's own machine, but resetd listens at %s, which other machines can reach; set RESETD_BASE_URL", base, i.Config.Addr)))
	case base.Port() != port && port != "0":
		found = append(found, note(fmt.Sprintf("links lead to %s, but resetd listens at %s", base, i.Config.Addr)))
	}
	for _, p := range proxies {
		if tooWide(p) {
			found = append(found, wrong(fmt.Sprintf("RESETD_TRUSTED_PROXIES trusts %s, so anybody can claim any IP address; list only your proxies", p)))
		}
	}
	if len(found) == 0 {
		found = append(found, ok("links lead to "+base.String()))
	}
	return found
}

// judgeProxies checks the trusted proxies of an https site. resetd does not terminate
// TLS, so such a site always has a proxy.
func judgeProxies(local bool, proxies []netip.Prefix) []finding {
	self := func(p netip.Prefix) bool { return p.Addr().IsLoopback() || tooWide(p) }
	switch {
	case len(proxies) == 0 && local:
		return []finding{wrong("the record and the limits would use the proxy's IP address for every visitor; set RESETD_TRUSTED_PROXIES=127.0.0.1,::1")}
	case len(proxies) == 0:
		return []finding{wrong("the record and the limits would use the proxy's IP address for every visitor; set RESETD_TRUSTED_PROXIES to this address")}
	case local && !slices.ContainsFunc(proxies, self):
		return []finding{wrong("resetd listens on the loopback interface, so the proxy runs on this machine, but RESETD_TRUSTED_PROXIES does not contain its address; add 127.0.0.1,::1")}
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
func (i *inspection) listener(ctx context.Context) []finding {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", i.Config.Addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return []finding{i.portInUse(ctx)}
	case err != nil:
		return []finding{wrong(fmt.Sprintf("%s; correct RESETD_ADDR", err))}
	}
	_ = l.Close()
	return []finding{ok(i.Config.Addr + " is free")}
}

// portInUse asks the program that listens for its health, which shows whether it is
// resetd.
func (i *inspection) portInUse(ctx context.Context) finding {
	ctx, cancel := context.WithTimeout(ctx, listenerTimeout)
	defer cancel()
	if healthy(ctx, i.Config.Addr) {
		return ok(i.Config.Addr + " is in use, probably by resetd")
	}
	return note(i.Config.Addr + " is in use by another program; stop it before you start resetd")
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
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // no proxy, because the address is on this machine
	res, err := client.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 16))
	return err == nil && res.StatusCode == http.StatusOK && string(body) == "ok\n"
}

// templates renders all pages and emails. resetd does not start with a broken template.
func (i *inspection) templates(context.Context) []finding {
	if err := i.Templates(); err != nil {
		return []finding{wrong(strings.ReplaceAll(err.Error(), "\n", "; "))}
	}
	missing, err := words.Missing(i.Config.Templates)
	if err != nil {
		return []finding{wrong(err.Error())}
	}
	if len(missing) > 0 {
		return []finding{note("all pages and emails can be rendered; texts that your file lacks are the built-in ones: " + strings.Join(missing, ", "))}
	}
	return []finding{ok("all pages and emails can be rendered")}
}
