package mail

import (
	"io"
	"testing"
)

// BenchmarkCompose writes an email with a link, as the worker does for each.
func BenchmarkCompose(b *testing.B) {
	c, m := newComposer(b, site), linkMail()
	b.ReportAllocs()
	for b.Loop() {
		msg, err := c.Compose(m)
		must(b, err)
		_, err = msg.WriteTo(io.Discard)
		must(b, err)
	}
}
