package smtpsink

import "net"

// listener keeps the open connections, so that Close can end them below the SMTP
// server. The server's own Close reads a connection that STARTTLS may be replacing.
type listener struct {
	net.Listener
	sink *Sink
}

func (l listener) Accept() (net.Conn, error) {
	raw, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := conn{raw, l.sink}
	l.sink.update(func() {
		l.sink.connections++
		if l.sink.open[c] = true; l.sink.closed {
			_ = raw.Close()
		}
	})
	return c, nil
}

// conn records the bytes below the encryption.
type conn struct {
	net.Conn
	sink *Sink
}

func (c conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.sink.options.Take == nil {
		c.sink.update(func() { c.sink.heard = append(c.sink.heard, p[:n]...) })
	}
	return n, err
}

func (c conn) Close() error {
	c.sink.update(func() { delete(c.sink.open, c) })
	return c.Conn.Close()
}

// disconnect closes all connections, now and in the future.
func (s *Sink) disconnect() {
	s.update(func() {
		s.closed = true
		for c := range s.open {
			_ = c.Conn.Close()
		}
	})
}
