package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/lib/pq"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"resetd/internal/reset"
)

var (
	// ErrDuplicate: a row with this unique value exists.
	ErrDuplicate = errors.New("exists already")
	// ErrValue: a value does not fit the type of its column.
	ErrValue = errors.New("a value does not fit its type")
	// ErrCharset: the database, or a column, has no place for a character of a value.
	ErrCharset  = errors.New("characters that the column can't hold, or collations that differ")
	errDeadlock = errors.New("deadlock")
	// errLostStatement: a transaction pooler sent a prepared statement to another
	// connection than the one that prepared it.
	errLostStatement = fmt.Errorf("%w: a prepared statement is lost", reset.ErrUnavailable)
	// errReadOnly: the server became a standby.
	errReadOnly = fmt.Errorf("%w: the database is read-only", reset.ErrUnavailable)
	// errDisconnected: the database closed the connection.
	errDisconnected = fmt.Errorf("%w: the connection is closed", reset.ErrUnavailable)
)

// SchemaError is an error in the statement: it fails with all values.
type SchemaError struct{ Err error }

func (e SchemaError) Error() string { return e.Err.Error() }

// Unwrap returns the wrapped error.
func (e SchemaError) Unwrap() error { return e.Err }

// refused is the answer of a server that takes no connections for this database or user: it
// is closed for maintenance, renamed, or has another password. Requests get ErrUnavailable,
// and a start does not wait for it.
type refused struct{ SchemaError }

// Is makes it an ErrUnavailable.
func (refused) Is(target error) bool { return target == reset.ErrUnavailable }

// IsDeadlock reports whether the database chose a transaction as the victim of a
// deadlock. It can be repeated.
func IsDeadlock(err error) bool { return errors.Is(err, errDeadlock) }

// Translate converts a driver's error into an error that may be logged and that
// callers can compare.
func Translate(err error) error {
	var (
		pg   *pq.Error
		lite *sqlite.Error
		my   *mysql.MySQLError
		dial net.Error
	)
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, sql.ErrNoRows):
		return reset.ErrNotFound
	case errors.As(err, &pg):
		return fromPostgres(string(pg.Code), pg)
	case errors.As(err, &lite):
		return fromSQLite(lite)
	case errors.As(err, &my):
		return fromMySQL(my)
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, mysql.ErrInvalidConn), errors.Is(err, sql.ErrConnDone), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errDisconnected
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &dial):
		return reset.ErrUnavailable
	default:
		return err
	}
}

// fromPostgres decides by SQLSTATE (PostgreSQL documentation, appendix A).
func fromPostgres(code string, err *pq.Error) error {
	switch {
	case code == "40P01", code == "40001":
		return errDeadlock
	case code == "25006":
		return errReadOnly
	case code == "57P01": // the server stops, or an operator ended the connection
		return errDisconnected
	case code == "26000", code == "42P05":
		return errLostStatement
	case code == "23505":
		return ErrDuplicate
	case code == "22P05": // no such character in the database's encoding
		return fmt.Errorf("%w (SQLSTATE %s)", ErrCharset, code)
	case code == "22P02", code == "22003": // not a number or UUID; number too large
		return fmt.Errorf("%w (SQLSTATE %s)", ErrValue, code)
	case strings.HasPrefix(code, "08"), strings.HasPrefix(code, "53"), strings.HasPrefix(code, "57"): // no connection; no resources; shut down or timed out
		return fmt.Errorf("%w (SQLSTATE %s)", reset.ErrUnavailable, code)
	case code == "3D000", code == "55000", strings.HasPrefix(code, "28"):
		return refused{SchemaError{fmt.Errorf("database: %s (SQLSTATE %s)", MessageOf(err), code)}}
	case strings.HasPrefix(code, "42"), strings.HasPrefix(code, "3"):
		words := fmt.Errorf("database: %s (SQLSTATE %s)", MessageOf(err), code)
		if err.Where != "" { // in a trigger or a function, which may run only for some rows
			return words
		}
		return SchemaError{words}
	default:
		return fmt.Errorf("database: %s", NameOf(err))
	}
}

// NameOf describes an error of PostgreSQL by its code and the names of what it is about.
// Unlike its message, they contain no values.
func NameOf(err *pq.Error) string {
	words := strings.ReplaceAll(err.Code.Name(), "_", " ")
	if err.Code == "P0001" { // RAISE
		words = "a trigger or a function refused it"
	}
	if about := cmp.Or(err.Constraint, err.Column); about != "" {
		words += ": " + about
	}
	return fmt.Sprintf("%s (SQLSTATE %s)", words, err.Code)
}

// raised matches the source files of PostgreSQL that pass on the messages of
// triggers and functions.
var raised = regexp.MustCompile(`^pl(_exec|perl|py_|tcl)`)

// MessageOf returns PostgreSQL's own message. The message of a trigger or a
// function may contain any value, so for those it returns the name of the code.
func MessageOf(err *pq.Error) string {
	if raised.MatchString(err.File) {
		return strings.ReplaceAll(err.Code.Name(), "_", " ")
	}
	return err.Message
}

func fromSQLite(err *sqlite.Error) error {
	switch code := err.Code(); code & 0xff { // the low byte is the primary code
	case sqlite3.SQLITE_CONSTRAINT:
		if code == sqlite3.SQLITE_CONSTRAINT_UNIQUE || code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY {
			return ErrDuplicate
		}
		if code == sqlite3.SQLITE_CONSTRAINT_TRIGGER {
			return fmt.Errorf("database: %s", TriggerRefused)
		}
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL,
		sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w (%s)", reset.ErrUnavailable, sqlite.ErrorCodeString[code&0xff])
	case sqlite3.SQLITE_ERROR:
		return SchemaError{fmt.Errorf("database: %w", err)}
	}
	return fmt.Errorf("database: %w", err) // SQLite's own messages contain names, not values
}

// TriggerRefused replaces the message of RAISE, which may contain any value.
const TriggerRefused = "a trigger refused it (SQLITE_CONSTRAINT_TRIGGER)"
