package breach

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

const (
	// timeout limits one look-up. A person waits for it.
	timeout = 2 * time.Second
	// mostAnswer is the maximum size of an answer, in bytes. Usual are 50,000.
	mostAnswer = 1 << 20
	// prefixDigits is how much of a hash the service gets.
	prefixDigits = 5
)

// service is a range service, such as https://api.pwnedpasswords.com/range/.
type service struct {
	address string // with a slash at the end
	client  *http.Client
}

func newService(address string) (source, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the address of a range service has a scheme, a host and a path, and nothing else, such as https://api.pwnedpasswords.com/range/")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, errors.New("the address of a range service must begin with https:// unless it is on this machine")
	}
	client := &http.Client{
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, MaxConnsPerHost: 8, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // it could lead to http://
	}
	return service{strings.TrimSuffix(u.String(), "/") + "/", client}, nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && ip.Unmap().IsLoopback())
}

func (s service) contains(ctx context.Context, hash string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	answer, err := s.ask(ctx, hash[:prefixDigits])
	if err != nil {
		return false, err
	}
	defer func() { _ = answer.Close() }()
	found, err := listed(answer, hash[prefixDigits:])
	if ctx.Err() != nil {
		err = errSlow
	}
	return found, err
}

var errSlow = fmt.Errorf("the range service does not answer within %d seconds", timeout/time.Second)

// ask requests the hashes with a prefix, and padding that hides their number. Its
// errors don't contain the address of the request, which ends with the prefix.
func (s service) ask(ctx context.Context, prefix string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address+prefix, nil)
	if err != nil {
		return nil, errors.New("the address of the range service is not valid")
	}
	req.Header.Set("Add-Padding", "true")
	req.Header.Set("User-Agent", "resetd")
	res, err := s.client.Do(req)
	switch {
	case ctx.Err() != nil:
		return nil, errSlow
	case err != nil:
		if failed, ok := errors.AsType[*url.Error](err); ok {
			err = failed.Err
		}
		words := strings.ReplaceAll(err.Error(), prefix, "...") // a server's malformed answer may repeat it
		return nil, errors.New("the range service can't be reached: " + words)
	case res.StatusCode != http.StatusOK:
		_ = res.Body.Close()
		return nil, fmt.Errorf("the range service answers with status %d", res.StatusCode)
	}
	return res.Body, nil
}

// listed reports whether an answer has a line with the rest of a hash. It reads the
// whole answer, because a part of it may be an error page.
func listed(answer io.Reader, rest string) (found bool, err error) {
	limited := &io.LimitedReader{R: answer, N: mostAnswer}
	lines := bufio.NewScanner(limited)
	for lines.Scan() {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		hash, counts, err := parse(lines.Text(), hashDigits-prefixDigits)
		if err != nil {
			return false, fmt.Errorf("the answer of the range service: %w", err)
		}
		found = found || (counts && hash == rest)
	}
	if limited.N == 0 {
		return false, errors.New("the answer of the range service is too long")
	}
	return found, lines.Err()
}

// check returns the words for an operator; Check asks for a password.
func (s service) check(context.Context) (string, error) {
	return "the range service at " + s.address + " answers", nil
}
