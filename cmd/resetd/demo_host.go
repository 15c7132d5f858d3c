package main

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// ownNames lets only requests for the demo's own names through. Without this, a web
// page could make its own name point to this machine (DNS rebinding), and then read
// the demo's mailbox in the browser of whoever visits the page.
func ownNames(baseHost string, next http.Handler) http.Handler {
	names := []string{"localhost", "127.0.0.1", "::1"}
	if own := strings.ToLower(baseHost); !slices.Contains(names, own) {
		names = append(names, own)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(names, hostName(r.Host)) {
			http.Error(w, "This demo answers to its own names only: "+strings.Join(names, ", ")+".", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostName returns the name in a Host header, in lower case, without the port and the
// brackets of an IPv6 address.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
}

// reachable reports whether other machines can reach a listener.
func reachable(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil || host == "localhost" {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return err != nil || !ip.IsLoopback()
}
