// Package proxies restarts the built program behind nginx, HAProxy and Caddy while people
// use it, and counts the requests that fail. The proxies run with the configuration that
// the documentation shows. They come from Debian, so the tests have a separate build tag
// and a separate target: make test-proxies.
package proxies
