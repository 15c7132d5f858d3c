package mail

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/textproto"
	"os"
	"strings"
)

// Advice returns what to do about a transport's error: which setting to correct. It
// is empty if nothing more than the server's reply is known.
func Advice(err error) string {
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		return adviceOnReply(reply.Code)
	}
	if words := adviceOnCertificate(err); words != "" {
		return words
	}
	var (
		network *net.OpError
		record  tls.RecordHeaderError
		name    *net.DNSError
	)
	switch {
	case errors.As(err, &record):
		return "that port starts without encryption: write smtp:// instead of smtps:// in RESETD_MAIL_URL"
	case errors.As(err, &name):
		return "correct the host in RESETD_MAIL_URL"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "check host and port in RESETD_MAIL_URL, and the firewalls on the way; port 465 needs smtps://"
	case errors.As(err, &network):
		return "check host and port in RESETD_MAIL_URL, and the firewalls on the way"
	case err != nil && strings.Contains(err.Error(), "STARTTLS"):
		return "nothing is sent in clear: use a port that encrypts, such as smtps://HOST:465 in RESETD_MAIL_URL"
	default:
		return ""
	}
}

// adviceOnReply returns advice for a reply code (RFC 5321, section 4.2.3; RFC 4954,
// section 6).
func adviceOnReply(code int) string {
	switch code {
	case 530:
		return "set RESETD_MAIL_USER and RESETD_MAIL_PASSWORD"
	case 534, 535:
		return "correct RESETD_MAIL_USER and RESETD_MAIL_PASSWORD; some providers want an app password"
	case 550, 551, 553, 554:
		return "set RESETD_MAIL_FROM to an address that this server sends for"
	default:
		return ""
	}
}

func adviceOnCertificate(err error) string {
	var (
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &authority):
		return "put the authority's certificate into a file and add ?ca=FILE to RESETD_MAIL_URL"
	case errors.As(err, &host):
		return "write the host in RESETD_MAIL_URL as the certificate has it"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "have the server's certificate renewed, or set this machine's clock"
	case errors.As(err, &invalid):
		return "have the server's certificate replaced"
	default:
		return ""
	}
}
