package sqldb

import (
	"fmt"

	"github.com/go-sql-driver/mysql"

	"resetd/internal/reset"
)

// fromMySQL decides by the number of the error (MariaDB and MySQL share those below
// 1900).
func fromMySQL(err *mysql.MySQLError) error {
	switch err.Number {
	case 1213: // it rolled the transaction back
		return errDeadlock
	case 1062:
		return ErrDuplicate
	case 1264, 1292, 1366, 1406: // out of range, truncated, incorrect, too long
		return fmt.Errorf("%w (MySQL error %d)", ErrValue, err.Number)
	case 1290, 1836: // the server became a replica
		return errReadOnly
	case 1040, 1041, 1053, 1077, 1203, 1205, 1317, 1927, 1969, 3024: // too many connections, shutdown, lock wait, killed, out of time
		return fmt.Errorf("%w (MySQL error %d)", reset.ErrUnavailable, err.Number)
	}
	if words, ok := MySQLMessage(err); ok {
		return SchemaError{fmt.Errorf("database: %s (MySQL error %d)", words, err.Number)}
	}
	return fmt.Errorf("database: MySQL error %d", err.Number)
}

// MySQLMessage returns the server's message if it contains names and no values. Most
// messages, and all of triggers, may contain any value. The text of a statement has no
// values, because they are sent apart from it.
func MySQLMessage(err *mysql.MySQLError) (string, bool) {
	switch err.Number {
	case 1044, 1045, 1049, 1054, 1064, 1109, 1142, 1143, 1146, 1227, 1267, 1305, 1370, 1698, 4078: // access, unknown names, syntax, collations
		return err.Message, true
	default:
		return "", false
	}
}
