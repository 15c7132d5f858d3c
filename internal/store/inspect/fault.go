package inspect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/lib/pq"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"resetd/internal/store/sqldb"
)

// Fault is a problem with a database, for its operator. Words contains no values.
// Advice is what to do, or empty.
type Fault struct {
	Words, Advice string
	data          bool // the database rejected a value
	late          bool // the statement took too long
}

func (f *Fault) Error() string {
	if f.Advice == "" {
		return f.Words
	}
	return f.Words + "; " + f.Advice
}

// explain turns any error into a Fault. It passes on a driver's text only if that
// text contains nothing but names. Other texts may contain a password or an address.
func explain(err error) error {
	if err == nil {
		return nil
	}
	var (
		known *Fault
		pg    *pq.Error
		lite  *sqlite.Error
		my    *mysql.MySQLError
		file  *fs.PathError
		url   *sqldb.URLError
		path  *sqldb.PathError
	)
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &pg):
		return explainPostgres(pg)
	case errors.As(err, &lite):
		return explainSQLite(lite)
	case errors.As(err, &my):
		return explainMySQL(my)
	case errors.As(err, &url):
		return &Fault{Words: url.Error()}
	case errors.As(err, &path):
		return &Fault{Words: path.Error()}
	case errors.As(err, &file):
		return &Fault{Words: file.Error()}
	default:
		return explainConnection(err)
	}
}

const slow = "check whether it needs an index, and what locks the table"

// advice is the advice for an SQLSTATE (PostgreSQL documentation, appendix A).
var advice = map[string]string{
	"22001": "the column is too short for the new value",
	"28000": "check pg_hba.conf and the user in RESETD_DATABASE_URL",
	"28P01": "set the user and the password in RESETD_DATABASE_URL",
	"3D000": "create it with createdb, or correct RESETD_DATABASE_URL",
	"42501": "grant this privilege to the user in RESETD_DATABASE_URL",
	"57014": slow,
	"53300": "raise max_connections: each instance keeps 8 connections",
}

func explainPostgres(err *pq.Error) *Fault {
	code := string(err.Code)
	f := &Fault{Advice: advice[code], data: strings.HasPrefix(code, "22"), late: code == "57014"}
	switch code[:2] {
	case "08", "0A", "28", "3D", "3F", "42", "53", "55", "57": // these messages contain names but no values
		f.Words = fmt.Sprintf("%s (SQLSTATE %s)", sqldb.MessageOf(err), code)
	default:
		f.Words = sqldb.NameOf(err)
	}
	return f
}

// mysqlAdvice is the advice for an error's number.
var mysqlAdvice = map[uint16]string{
	1044: "grant the user of RESETD_DATABASE_URL access to this database",
	1045: "set the user and the password in RESETD_DATABASE_URL",
	1049: "create it, or correct RESETD_DATABASE_URL",
	1142: "grant this privilege to the user in RESETD_DATABASE_URL",
	1143: "grant this privilege to the user in RESETD_DATABASE_URL",
	1205: slow,
	1406: "the column is too short for the new value",
}

func explainMySQL(err *mysql.MySQLError) *Fault {
	return &Fault{
		Words: sqldb.MySQLMessage(err), Advice: mysqlAdvice[err.Number], late: err.Number == 1205,
		data: errors.Is(sqldb.Translate(err), sqldb.ErrValue),
	}
}

// fileAdvice is for files that exist, and for folders.
const fileAdvice = "let this user read and write the file and its folder, run the command as the user of the service, or correct RESETD_DATABASE_URL"

func explainSQLite(err *sqlite.Error) *Fault {
	f := &Fault{Words: err.Error()}
	switch err.Code() & 0xff { // the low byte is the primary code
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		f.Advice, f.late = "find the program that locks the file", true
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		f.Advice = fileAdvice
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		f.Advice = "correct RESETD_DATABASE_URL, or restore a backup"
	}
	if err.Code() == sqlite3.SQLITE_CONSTRAINT_TRIGGER {
		f.Words = sqldb.TriggerRefused
	}
	return f
}

func explainConnection(err error) *Fault {
	const security = "put the authority's certificate into a file and name it with sslrootcert=FILE in RESETD_DATABASE_URL"
	var (
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		handshake *tls.CertificateVerificationError
		network   *net.OpError
	)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return &Fault{Words: "no answer in time", Advice: "check host and port in RESETD_DATABASE_URL, and the firewalls on the way"}
	case errors.Is(err, pq.ErrSSLNotSupported), errors.Is(err, mysql.ErrNoTLS):
		return &Fault{Words: "the server offers no TLS", Advice: "enable TLS on the server or, on a network that you trust, add sslmode=disable to RESETD_DATABASE_URL"}
	case errors.As(err, &host):
		return &Fault{Words: host.Error(), Advice: "write the host in RESETD_DATABASE_URL as in the certificate"}
	case errors.As(err, &authority):
		return &Fault{Words: authority.Error(), Advice: security}
	case errors.As(err, &invalid):
		return &Fault{Words: invalid.Error(), Advice: "renew the server's certificate"}
	case errors.As(err, &handshake):
		return &Fault{Words: "the server's certificate is not valid", Advice: security}
	case errors.As(err, &network):
		return &Fault{Words: network.Error(), Advice: "start the server, or correct host and port in RESETD_DATABASE_URL"}
	default:
		return &Fault{Words: "the connection can't be opened", Advice: "check RESETD_DATABASE_URL and its parameters"}
	}
}
