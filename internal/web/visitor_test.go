package web

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
)

var proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:f::/48")}

func TestVisitorBehindProxies(t *testing.T) {
	const proxy = "127.0.0.1:40000"
	for _, tt := range []struct {
		peer, header string
		lines        []string
		want         string
	}{
		{"192.0.2.1:5000", "X-Forwarded-For", []string{"203.0.113.9"}, "192.0.2.1"},
		{"[2001:db8::1]:5000", "X-Forwarded-For", nil, "2001:db8::1"},
		{proxy, "X-Forwarded-For", []string{"203.0.113.9"}, "203.0.113.9"},
		{"[2001:db8:f::1]:40000", "X-Forwarded-For", []string{"203.0.113.9"}, "203.0.113.9"},
		{"[::ffff:127.0.0.1]:40000", "X-Forwarded-For", []string{"203.0.113.9"}, "203.0.113.9"},
		{proxy, "X-Forwarded-For", []string{"198.51.100.1, 203.0.113.9, 10.1.1.1"}, "203.0.113.9"},
		{proxy, "X-Forwarded-For", []string{"198.51.100.1", "203.0.113.9,10.1.1.1"}, "203.0.113.9"},
		{proxy, "X-Forwarded-For", []string{"203.0.113.9:51234"}, "203.0.113.9"},
		{proxy, "X-Forwarded-For", []string{"203.0.113.9, 10.1.1.1:443"}, "203.0.113.9"},
		{proxy, "X-Forwarded-For", []string{"[2001:db8::7]:4444"}, "2001:db8::7"},
		{proxy, "X-Forwarded-For", []string{"[2001:db8::7]"}, "2001:db8::7"},
		{proxy, "X-Forwarded-For", []string{"2001:DB8::7"}, "2001:db8::7"},
		{proxy, "X-Forwarded-For", []string{"fe80::1%eth0"}, "fe80::1"},
		{proxy, "X-Forwarded-For", []string{"[fe80::1%25eth0]:80"}, "fe80::1"},
		{proxy, "X-Forwarded-For", []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
		{proxy, "X-Forwarded-For", []string{"::ffff:203.0.113.9:51234"}, "203.0.113.9"},
		{proxy, "X-Forwarded-For", []string{` "203.0.113.9" ,, , `}, "203.0.113.9"},
		{proxy, "X-Forwarded-For", []string{"203.0.113.9,"}, "203.0.113.9"},
		{proxy, "X-Forwarded-For", []string{"203.0.113.9", ""}, "203.0.113.9"},
		{proxy, "X-Forwarded-For", []string{`", 203.0.113.9`}, "203.0.113.9"}, // the visitor sent a quote
		{proxy, "X-Forwarded-For", []string{`a"b, 203.0.113.9, 10.1.1.1`}, "203.0.113.9"},
		{proxy, "X-Forwarded-For", []string{`"`, "203.0.113.9"}, "203.0.113.9"},
		{proxy, "X-Forwarded-For", nil, "::"},
		{proxy, "X-Forwarded-For", []string{""}, "::"},
		{proxy, "X-Forwarded-For", []string{"unknown"}, "::"},
		{proxy, "X-Forwarded-For", []string{"203.0.113.9, unknown"}, "::"},
		{proxy, "X-Forwarded-For", []string{"_hidden"}, "::"},
		{proxy, "X-Forwarded-For", []string{"10.1.1.1"}, "::"},
		{proxy, "X-Forwarded-For", []string{"203.0.113.999"}, "::"},
		{proxy, "X-Forwarded-For", []string{"[2001:db8::7"}, "::"},
		{proxy, "X-Forwarded-For", []string{"[2001:db8::7]x"}, "::"},
		{proxy, "X-Forwarded-For", []string{":"}, "::"},
		{proxy, "X-Forwarded-For", []string{"203.0.113.9 198.51.100.1"}, "::"},
		{proxy, "Forwarded", []string{"for=203.0.113.9;proto=https;by=10.1.1.1"}, "203.0.113.9"},
		{proxy, "Forwarded", []string{`For="[2001:db8::7]:4711"`}, "2001:db8::7"},
		{proxy, "Forwarded", []string{`for="[2001:db8::7]:_port"`}, "2001:db8::7"},
		{proxy, "Forwarded", []string{"for=198.51.100.1, for=203.0.113.9;host=a", `by="a,b;c";for=10.1.1.1`}, "203.0.113.9"},
		{proxy, "Forwarded", []string{`for=", for=203.0.113.9`}, "203.0.113.9"}, // the visitor sent a quote
		{proxy, "Forwarded", []string{`for="a\`, `for="[2001:db8::7]:4711";proto=https`}, "2001:db8::7"},
		{proxy, "Forwarded", []string{`for=203.0.113.9;host="a\"b,c\\"`}, "203.0.113.9"},
		{proxy, "Forwarded", []string{"proto=https"}, "::"},
		{proxy, "Forwarded", []string{"for=unknown"}, "::"},
		{proxy, "Forwarded", []string{"for=_secret, for=10.1.1.1"}, "::"},
		{proxy, "X-Real-Ip", []string{"203.0.113.9"}, "203.0.113.9"},
		{"@", "X-Forwarded-For", []string{"203.0.113.9"}, "203.0.113.9"}, // a Unix socket
		{"", "X-Forwarded-For", []string{"203.0.113.9, 10.1.1.1"}, "203.0.113.9"},
		{"@", "X-Forwarded-For", nil, "::"},
		{"nonsense", "X-Forwarded-For", []string{"203.0.113.9"}, "::"},
	} {
		header := http.Header{"X-Forwarded-For": {"192.0.2.66"}, "Forwarded": {"for=192.0.2.66"}, "X-Real-Ip": {"192.0.2.66"}}
		if header[tt.header] = tt.lines; tt.lines == nil {
			header.Del(tt.header)
		}
		if got := (Proxies{proxies, tt.header}).Visitor(tt.peer, header); got.String() != tt.want {
			t.Errorf("%s, %s %q: got %s, want %s", tt.peer, tt.header, tt.lines, got, tt.want)
		}
	}
}

func TestUnknownVisitorsAreCountedInTheLog(t *testing.T) {
	for n, want := range map[int64]bool{1: true, 2: false, 9: false, 10: true, 20: false, 100: true, 110: false, 1000: true} {
		if got := powerOfTen(n); got != want {
			t.Errorf("%d: got %v, want %v", n, got, want)
		}
	}
}

// Health probes reach the service past the proxy. They say nothing about its header.
func TestProbesDoNotCountAsUnknownVisitors(t *testing.T) {
	for path, want := range map[string]bool{"/healthz": false, "/readyz": false, "/page": true} {
		var out strings.Builder
		e := gin.New()
		e.Use(identifyVisitor(EngineConfig{
			Proxies: Proxies{[]netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}, ProxyHeaders[0]}, Log: slog.New(slog.NewTextHandler(&out, nil)),
		}))
		MountHealth(e, func() bool { return true })
		e.GET("/page", func(*gin.Context) {})
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.RemoteAddr = "192.0.2.1:1234"
		e.ServeHTTP(httptest.NewRecorder(), r)
		if got := strings.Contains(out.String(), "header of a trusted proxy"); got != want {
			t.Errorf("%s: logged %v, want %v: %q", path, got, want, out.String())
		}
	}
}
