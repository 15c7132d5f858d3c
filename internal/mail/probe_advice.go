package mail

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/textproto"
	"os"
	"strings"
)

// Advice returns what to do about a transport's error: which setting to correct. It
// is empty if nothing more than the server's reply is known.
func Advice(err error) string {
	at := detail(err).Stage
	if class(err) == 4 || class(err) == 5 {
		return adviceOnReply(at, replied(err))
	}
	if text := adviceOnCertificate(err); text != "" {
		return text
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
	case isUnanswered(err):
		return "the text was handed over, but the server did not confirm it, so look into the inbox; an email with a link or a code that ends like this is not sent again, a notice without a link once more, after an hour"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &network):
		return adviceOnSilence(at)
	case at == StageSignIn:
		return "remove RESETD_MAIL_USER and RESETD_MAIL_PASSWORD if the server needs no sign-in; else ask its operator for AUTH PLAIN or LOGIN, perhaps at another port"
	case at == StageTLS:
		return useEncryption
	case at != "": // the reply is not one of SMTP
		return adviceOnSilence(at)
	default:
		return ""
	}
}

const useEncryption = "nothing is sent in clear: use a port that encrypts, such as smtps://HOST:465 in RESETD_MAIL_URL"

// adviceOnSilence returns advice for a server that does not answer, or hangs up without
// an answer.
func adviceOnSilence(at Stage) string {
	switch at {
	case StageConnect, StageTLS:
		return "check host and port in RESETD_MAIL_URL, and the firewalls on the way"
	case StageGreeting:
		return "check host and port in RESETD_MAIL_URL: port 465 needs smtps://; if they are right, ask the server's operator whether it accepts this machine"
	default:
		return "host and port are right: try again later, or ask the server's operator"
	}
}

// adviceOnReply returns advice for a reply (RFC 5321, section 4.2; RFC 4954, section
// 6). The same code means something else at each stage.
func adviceOnReply(at Stage, reply textproto.Error) string {
	switch code := reply.Code; {
	case code == 530 && strings.Contains(reply.Msg, "STARTTLS"):
		return "remove ?starttls=off from RESETD_MAIL_URL"
	case code == 530:
		return "set RESETD_MAIL_USER and RESETD_MAIL_PASSWORD"
	case code == 534, code == 535, code == 538:
		return "correct RESETD_MAIL_USER and RESETD_MAIL_PASSWORD; some providers want an app password"
	case code < 500:
		return "the server refuses for now: try again later"
	}
	switch at {
	case StageGreeting:
		return "the server refuses this machine: ask its operator to accept it, or use another server in RESETD_MAIL_URL"
	case StageTLS:
		return useEncryption
	case StageSignIn:
		return "correct RESETD_MAIL_USER and RESETD_MAIL_PASSWORD; some providers want an app password"
	case StageHello:
		return "the server refuses this machine's name: set RESETD_BASE_URL to the public address, whose host is the name in EHLO, or ask the server's operator to accept this machine"
	case StageMail:
		return "set RESETD_MAIL_FROM to an address that this server sends for"
	case StageRcpt:
		return "try another recipient; if the server refuses all at other domains, set RESETD_MAIL_USER and RESETD_MAIL_PASSWORD, or ask its operator to relay for this machine"
	case StageData, StageText, StageEnd:
		return "the server refuses the text: ask its operator why; often SPF or DKIM is missing for the domain of RESETD_MAIL_FROM"
	default:
		return ""
	}
}

// orInClear is for the certificate that Debian makes for a Postfix: no authority signed it.
const orInClear = "; a server on this machine needs no certificate with smtp://127.0.0.1:25?starttls=off"

func adviceOnCertificate(err error) string {
	var (
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &authority):
		return "put the authority's certificate into a file and add ?ca=FILE to RESETD_MAIL_URL" + orInClear
	case errors.As(err, &host):
		return "write the host in RESETD_MAIL_URL as the certificate has it" + orInClear
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "have the server's certificate renewed, or set this machine's clock"
	case errors.As(err, &invalid):
		return "have the server's certificate replaced"
	default:
		return ""
	}
}
