package sqldb

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"strings"

	"github.com/go-sql-driver/mysql"
)

const mysqlPort = "3306"

// mysqlConfig reads a URL without its scheme: user:password@host:port/database. Its
// parameters are sslmode and sslrootcert as in PostgreSQL's URL, and socket.
func mysqlConfig(rest string) (*mysql.Config, error) {
	p, err := fromURL(rest)
	if err != nil {
		return nil, err
	}
	if err := knownParameters(p); err != nil {
		return nil, err
	}
	c := mysql.NewConfig()
	c.User, c.Passwd, c.DBName = p["user"], p["password"], p["dbname"]
	host := cmp.Or(p["host"], "localhost")
	c.Net, c.Addr = "tcp", net.JoinHostPort(host, cmp.Or(p["port"], mysqlPort))
	if p["socket"] != "" {
		c.Net, c.Addr = "unix", p["socket"]
	}
	c.Timeout = connectTimeout
	c.Logger = &mysql.NopLogger{} // its messages are errors too, which the callers log
	c.ParseTime, c.RejectReadOnly = true, true
	c.ClientFoundRows = true // otherwise an update to the same value counts no row
	c.Params = map[string]string{"time_zone": "'+00:00'"}
	if err := c.Apply(mysql.Charset("utf8mb4", "")); err != nil {
		return nil, &URLError{Part: "combination of parameters", Advice: err.Error()}
	}
	c.TLS, err = mysqlTLS(p, host)
	return c, err
}

func knownParameters(p parameters) error {
	for name := range p {
		switch name {
		case "user", "password", "host", "port", "dbname", "socket", "sslmode", "sslrootcert":
		default:
			return &URLError{Part: "parameter " + name, Advice: "with mysql:// the parameters are sslmode, sslrootcert and socket"}
		}
	}
	switch {
	case p["dbname"] == "":
		return &URLError{Part: "database", Advice: "write its name after the host: mysql://USER:PASSWORD@HOST/DATABASE"}
	case strings.Contains(p["host"], ","):
		return &URLError{Part: "host", Advice: "with mysql:// there is one host"}
	default:
		return nil
	}
}

// mysqlTLS returns nil for a server on this machine. Any other server must prove its
// name, unless sslmode permits less.
func mysqlTLS(p parameters, host string) (*tls.Config, error) {
	mode := p["sslmode"]
	if mode == "" {
		mode = "verify-full"
		if p["socket"] != "" || onThisMachine(host) {
			mode = "disable"
		}
	}
	switch mode {
	case "disable":
		return nil, nil //nolint:nilnil // no TLS
	case "require":
		return &tls.Config{InsecureSkipVerify: true}, nil //nolint:gosec // the operator asks for it
	case "verify-full":
		roots, err := rootCertificates(p["sslrootcert"])
		return &tls.Config{ServerName: host, RootCAs: roots, MinVersion: tls.VersionTLS12}, err
	default:
		return nil, &URLError{Part: "parameter sslmode", Advice: "it is disable, require or verify-full"}
	}
}

// rootCertificates returns the certificates in a file; nil, the system's, without one.
func rootCertificates(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil //nolint:nilnil // the system's
	}
	text, err := os.ReadFile(file)
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(text) {
		return nil, &URLError{Part: "parameter sslrootcert", Advice: "it must be a file with certificates in PEM form, which resetd can read"}
	}
	return pool, nil
}
