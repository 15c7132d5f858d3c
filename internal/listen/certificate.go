package listen

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// lookInterval is how often the files of a certificate are looked at.
const lookInterval = 5 * time.Second

// Certificate is a certificate for TLS whose files are read again when they change, so
// a renewal needs no restart.
type Certificate struct {
	log               *slog.Logger // may be nil
	certFile, keyFile string
	mu                sync.Mutex
	current           *tls.Certificate
	version           [sha256.Size]byte // digest of the files that were read last
	looked            time.Time
}

// NewCertificate reads a chain and its key from PEM files.
func NewCertificate(certFile, keyFile string) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile}
	return c, c.read()
}

// LogTo sets the log of renewals and problems. It logs at once if the certificate has ended.
func (c *Certificate) LogTo(log *slog.Logger) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.log = log
	c.reportEnd(time.Now())
}

// reportEnd logs that nobody will accept the certificate any more.
func (c *Certificate) reportEnd(now time.Time) {
	if end := c.current.Leaf.NotAfter; c.log != nil && now.After(end) {
		c.log.Error("the certificate has ended; browsers refuse it until its files are renewed", "not_after", end)
	}
}

// Leaf returns the certificate itself.
func (c *Certificate) Leaf() *x509.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.current.Leaf
}

// TLS returns a configuration for a server. It asks for the certificate at each handshake.
func TLS(current func() *Certificate) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		return current().newest(time.Now()), nil
	}}
}

// newest returns the certificate of the files. While they can't be read or do not
// match, as during a renewal, it returns the one before.
func (c *Certificate) newest(now time.Time) *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.looked) < lookInterval {
		return c.current
	}
	c.looked = now
	if c.version == c.digest() {
		return c.current
	}
	switch err := c.read(); {
	case c.log == nil:
	case err != nil:
		c.log.Error("the changed certificate can't be used; the one before stays", "error", err)
	default:
		c.log.Info("certificate renewed", "not_after", c.current.Leaf.NotAfter)
		c.reportEnd(now)
	}
	return c.current
}

func (c *Certificate) read() error {
	c.version = c.digest() // broken files are not read again until they change
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("%s and %s: %w", c.certFile, c.keyFile, err)
	}
	c.current = &pair
	return nil
}

// digest returns a digest of both files. Their times are too coarse: two renewals may
// follow within one tick of the file system's clock.
func (c *Certificate) digest() (sum [sha256.Size]byte) {
	var both []byte
	for _, file := range []string{c.certFile, c.keyFile} {
		text, _ := os.ReadFile(file) // a missing file is a change, too
		both = append(append(both, text...), 0)
	}
	return sha256.Sum256(both)
}
