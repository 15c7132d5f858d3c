package check

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"resetd/internal/config"
	"resetd/internal/web"
)

func TestAddress(t *testing.T) {
	for name, c := range map[string]struct {
		addr, base, proxies string
		want                State
		words               string
	}{
		"a trial":                            {"127.0.0.1:8080", "http://localhost:8080", "", OK, "http://localhost:8080"},
		"IPv6":                               {"[::1]:8080", "http://[::1]:8080", "", OK, ""},
		"any port":                           {"127.0.0.1:0", "http://localhost:8080", "", OK, ""},
		"another port":                       {"127.0.0.1:8081", "http://localhost:8080", "", Note, "127.0.0.1:8081"},
		"a public listener":                  {":8080", "http://localhost:8080", "", Wrong, "RESETD_BASE_URL"},
		"a public address":                   {"192.0.2.1:8080", "http://localhost:8080", "", Wrong, "RESETD_BASE_URL"},
		"a local proxy":                      {"127.0.0.1:8080", "https://accounts.example.org", "127.0.0.1,::1", OK, ""},
		"a local proxy that is not trusted":  {"127.0.0.1:8080", "https://accounts.example.org", "", Wrong, "RESETD_TRUSTED_PROXIES=127.0.0.1"},
		"a listener by name":                 {"localhost:8080", "https://accounts.example.org", "", Wrong, "RESETD_TRUSTED_PROXIES=127.0.0.1"},
		"a remote proxy that is not trusted": {"10.0.0.5:8080", "https://accounts.example.org", "", Wrong, "RESETD_TRUSTED_PROXIES"},
		"only another proxy is trusted":      {"127.0.0.1:8080", "https://accounts.example.org", "10.0.0.0/8", Wrong, "add 127.0.0.1"},
		"a remote proxy":                     {"10.0.0.5:8080", "https://accounts.example.org", "10.0.0.0/8", OK, ""},
		"all of IPv4 is trusted":             {"10.0.0.5:8080", "https://accounts.example.org", "0.0.0.0/0", Wrong, "anybody"},
		"all of IPv6 is trusted":             {"127.0.0.1:8080", "https://accounts.example.org", "127.0.0.1,::/0", Wrong, "::/0"},
		"all is trusted, without https":      {"127.0.0.1:8080", "http://localhost:8080", "0.0.0.0/0", Wrong, "anybody"},
	} {
		t.Run(name, func(t *testing.T) {
			base, err := url.Parse(c.base)
			if err != nil {
				t.Fatal(err)
			}
			i := inspection{Input: Input{Config: config.Config{Addr: c.addr, BaseURL: base, Proxies: web.Proxies{Trusted: networks(c.proxies)}}}}
			found := i.address(t.Context())
			if len(found) != 1 || found[0].State != c.want || !strings.Contains(found[0].Text, c.words) {
				t.Errorf("got %v, want one finding %s with %q", found, c.want, c.words)
			}
		})
	}
}

func networks(text string) (all []netip.Prefix) {
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' }) {
		if ip, err := netip.ParseAddr(part); err == nil {
			all = append(all, netip.PrefixFrom(ip, ip.BitLen()))
			continue
		}
		all = append(all, netip.MustParsePrefix(part))
	}
	return all
}
