package listen

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// healthTimeout is how long Healthy waits for the answer.
const healthTimeout = 2 * time.Second

// Healthy asks the service that listens at addr on this machine for /healthz. It returns
// nil if resetd answers. It does not verify a certificate, which is not made for this
// machine's own name.
func Healthy(ctx context.Context, addr string, withTLS bool) error {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	scheme := "http"
	if withTLS {
		scheme = "https"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://localhost/healthz", nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{ // no proxy, because the address is on this machine
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // see above
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			network, address := reach(addr)
			return (&net.Dialer{}).DialContext(ctx, network, address)
		},
	}}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 16))
	if err != nil || res.StatusCode != http.StatusOK || string(body) != "ok\n" {
		return errors.Join(fmt.Errorf("the answer of /healthz is not resetd's (status %d)", res.StatusCode), err)
	}
	return nil
}

// reach returns how this machine reaches a listener.
func reach(addr string) (network, address string) {
	if path, ok := UnixPath(addr); ok {
		return "unix", path
	}
	host, port, _ := net.SplitHostPort(addr)
	if ip, err := netip.ParseAddr(host); host == "" || (err == nil && ip.IsUnspecified()) {
		host = "localhost"
	}
	return "tcp", net.JoinHostPort(host, port)
}
