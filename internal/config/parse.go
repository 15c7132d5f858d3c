package config

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"resetd/internal/listen"
	"resetd/internal/reset"
	"resetd/internal/web"
)

// parseAddr returns the port of a listener's address; a Unix socket has none.
func parseAddr(addr string) (port string, err error) {
	if path, ok := listen.UnixPath(addr); ok {
		if !filepath.IsAbs(path) {
			return "", fmt.Errorf("%q is not unix: and the path of a socket, such as unix:/run/resetd/resetd.sock", addr)
		}
		return "", nil
	}
	_, port, err = net.SplitHostPort(addr)
	if n, e := strconv.Atoi(port); err != nil || e != nil || n < 0 || n > 65535 {
		return "8080", fmt.Errorf("%q is not HOST:PORT, such as 127.0.0.1:8080 or :8080, nor unix:PATH", addr)
	}
	return port, nil
}

// checkMetricsAddr returns an error unless metrics are off or have a listener of their own.
func checkMetricsAddr(s Settings) error {
	if s.MetricsAddr == "" {
		return nil
	}
	if s.MetricsAddr == s.Addr {
		return errors.New("it is RESETD_ADDR: the metrics need a listener of their own, which visitors can't reach")
	}
	_, err := parseAddr(s.MetricsAddr)
	return err
}

// checkTracesURL returns an error unless traces are off or have an address.
func checkTracesURL(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("it is not the address of a collector, such as http://127.0.0.1:4318")
	}
	return nil
}

// ParseBaseURL parses the address at which people reach resetd: a scheme and a host.
func ParseBaseURL(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSuffix(text, "/"))
	if err == nil {
		err = asBrowsersWrite(u)
	}
	if err != nil || u.Host == "" || u.Hostname() == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("it must be only a scheme and a host, such as https://accounts.example.org")
	}
	if u.Scheme == "https" || (u.Scheme == "http" && loopback(u.Hostname())) {
		return u, nil
	}
	return nil, errors.New("it must begin with https:// unless its host is localhost: the links in it are secrets")
}

// asBrowsersWrite turns the host into the form that browsers send and every mail program
// knows: lower case, with A-labels (RFC 5891).
func asBrowsersWrite(u *url.URL) error {
	host := u.Hostname()
	if strings.ContainsFunc(host, func(r rune) bool { return r > unicode.MaxASCII }) {
		ascii, err := idna.Lookup.ToASCII(host)
		if err != nil {
			return err
		}
		u.Host = strings.Replace(u.Host, host, ascii, 1)
	}
	u.Host = strings.ToLower(u.Host)
	return nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || (err == nil && ip.IsLoopback())
}

func parseSiteName(name string, base *url.URL) (string, error) {
	if name == "" && base != nil {
		name = base.Hostname()
	}
	if !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) || utf8.RuneCountInString(name) > 100 {
		return "", errors.New("it must be one line of at most 100 characters")
	}
	return strings.TrimSpace(name), nil
}

// checkLoginURL accepts a path of this site or the URL of another site.
func checkLoginURL(text string) error {
	u, err := url.Parse(text)
	local := err == nil && u.Scheme == "" && u.Host == "" && strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//")
	remote := err == nil && u.Host != "" && (u.Scheme == "https" || (u.Scheme == "http" && loopback(u.Hostname())))
	if !local && !remote {
		return errors.New("it must be a path such as /login or an https:// address")
	}
	return nil
}

// parseNetworks parses IP addresses and networks that are separated by commas or blanks.
func parseNetworks(text string) ([]netip.Prefix, error) {
	var networks []netip.Prefix
	var problems []error
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
		network, err := parseNetwork(part)
		if err != nil {
			problems = append(problems, fmt.Errorf("%q is neither an IP address nor a network such as 10.0.0.0/8", part))
		}
		networks = append(networks, network)
	}
	return networks, inOneLine(problems)
}

// parseNetwork parses an IP address or a network. It returns ::ffff:10.0.0.0/104 as the
// network of IPv4 that it is, because visitors and proxies have their IPv4 addresses.
func parseNetwork(text string) (netip.Prefix, error) {
	if ip, err := netip.ParseAddr(text); err == nil {
		ip = ip.Unmap()
		return netip.PrefixFrom(ip, ip.BitLen()), nil
	}
	network, err := netip.ParsePrefix(text)
	if mapped := network.Bits() - (128 - 32); network.Addr().Is4In6() && mapped >= 0 {
		return netip.PrefixFrom(network.Addr().Unmap(), mapped), nil
	}
	return network, err
}

// parseProxyHeader returns the canonical name of a header.
func parseProxyHeader(name string) (string, error) {
	name = http.CanonicalHeaderKey(strings.TrimSpace(name))
	if !slices.Contains(web.ProxyHeaders, name) {
		return "", fmt.Errorf("%q is not one of X-Forwarded-For, Forwarded, X-Real-IP", name)
	}
	return name, nil
}

// readCertificate returns nil if no certificate is set.
func readCertificate(s Settings, base *url.URL) (*listen.Certificate, error) {
	switch {
	case s.TLSCert == "" && s.TLSKey == "":
		return nil, nil
	case s.TLSCert == "" || s.TLSKey == "":
		return nil, errors.New("set both RESETD_TLS_CERT and RESETD_TLS_KEY, or neither")
	case base != nil && base.Scheme != "https":
		return nil, errors.New("with a certificate, RESETD_BASE_URL must begin with https://")
	}
	return listen.NewCertificate(s.TLSCert, s.TLSKey)
}

// inOneLine joins several problems of one variable.
func inOneLine(problems []error) error {
	if len(problems) == 0 {
		return nil
	}
	texts := make([]string, len(problems))
	for i, p := range problems {
		texts[i] = p.Error()
	}
	return errors.New(strings.Join(texts, "; "))
}

// ParseDuration parses durations as in Go, and days: 400d.
func ParseDuration(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n >= 0 && n <= 36500 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a time such as 30m, 1h or 2d", text)
	}
	return d, nil
}

func parseSwitch(text string) (bool, error) {
	if text != "on" && text != "off" {
		return false, fmt.Errorf("%q is neither on nor off", text)
	}
	return text == "on", nil
}

func parseMailbox(text string) (string, error) {
	if _, err := reset.ParseMailbox(text); err != nil {
		return "", errors.New("it must be a bare email address, such as accounts@example.org")
	}
	return strings.TrimSpace(text), nil
}
