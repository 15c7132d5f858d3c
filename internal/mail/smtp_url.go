package mail

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
)

func newSMTP(rawURL, user, password string, options []Option) (*smtpTransport, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.Fragment != "" || u.Opaque != "" {
		// The parser's own error would show the URL.
		return nil, errors.New("it can't be parsed: " + forms +
			"; a user and password with other characters than letters and digits are best set as RESETD_MAIL_USER and RESETD_MAIL_PASSWORD")
	}
	t := &smtpTransport{host: u.Hostname(), implicit: u.Scheme == "smtps", hello: helloName(""), timeouts: rfcTimeouts}
	if t.addr, err = serverAddr(u); err != nil {
		return nil, err
	}
	if t.user, t.password, err = credentials(u, user, password); err != nil {
		return nil, err
	}
	if err := t.settings(u); err != nil {
		return nil, err
	}
	for _, option := range options {
		option(t)
	}
	return t, nil
}

func serverAddr(u *url.URL) (string, error) {
	port := u.Port()
	switch {
	case port == "" && u.Scheme == "smtps":
		port = "465"
	case port == "":
		port = "587"
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return "", errors.New("the port must be a number from 1 to 65535")
	}
	return net.JoinHostPort(u.Hostname(), port), nil
}

func credentials(u *url.URL, user, password string) (string, string, error) {
	if u.User != nil {
		if user != "" || password != "" {
			return "", "", errors.New("set the user and password either in it or as RESETD_MAIL_USER and RESETD_MAIL_PASSWORD")
		}
		user = u.User.Username()
		password, _ = u.User.Password()
	}
	switch {
	case user == "" && password != "":
		return "", "", errors.New("there is a password without a user; set RESETD_MAIL_USER")
	case user != "" && password == "":
		return "", "", errors.New("there is a user without a password; set RESETD_MAIL_PASSWORD")
	case strings.ContainsAny(user+password, "\x00\r\n"):
		return "", "", errors.New("the user and the password must be one line each")
	}
	return user, password, nil
}

// settings parses the query of the URL.
func (t *smtpTransport) settings(u *url.URL) error {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return errors.New("the part after the ? can't be parsed; allowed are ?starttls=off and ?ca=FILE")
	}
	var pool *x509.CertPool
	for key, values := range query {
		switch {
		case key == "ca" && len(values) == 1:
			if pool, err = authorities(values[0]); err != nil {
				return err
			}
		case key == "starttls" && len(values) == 1 && values[0] == "off" && !t.implicit:
			t.clear = true
		default:
			return errors.New("allowed after the ? are ca=FILE, and with smtp:// starttls=off")
		}
	}
	if t.clear && !loopback(t.host) {
		return errors.New("?starttls=off is only for servers on this machine (localhost, 127.0.0.1, ::1): a reset link must not cross a network unencrypted")
	}
	t.tls = &tls.Config{ServerName: t.host, RootCAs: pool, MinVersion: tls.VersionTLS12}
	return nil
}

func authorities(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("the file %s of ?ca= can't be read", file)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("the file %s of ?ca= contains no certificate in PEM", file)
	}
	return pool, nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && ip.Unmap().IsLoopback())
}

// helloName returns a host name, or an address in brackets (RFC 5321, section
// 4.1.3).
func helloName(host string) string {
	ip, err := netip.ParseAddr(host)
	switch {
	case host == "" || strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "localhost"
	case err == nil && ip.Is4():
		return "[" + host + "]"
	case err == nil:
		return "[IPv6:" + ip.WithZone("").String() + "]"
	default:
		return host
	}
}
