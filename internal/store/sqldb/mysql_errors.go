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
	case 1264, 1406: // out of range, too long
		return fmt.Errorf("%w: %s (MySQL error %d)", ErrValue, err.Message, err.Number)
	case 1292, 1366: // truncated, incorrect
		return fmt.Errorf("%w (MySQL error %d)", ErrValue, err.Number)
	case 1290, 1836: // the server became a replica
		return errReadOnly
	case 1040, 1041, 1053, 1077, 1203, 1205, 1317, 1927, 1969, 3024: // too many connections, shutdown, lock wait, killed, out of time
		return fmt.Errorf("%w (MySQL error %d)", reset.ErrUnavailable, err.Number)
	}
	words := fmt.Errorf("database: %s", MySQLMessage(err))
	if charsets[err.Number] {
		words = fmt.Errorf("%w: %w", words, ErrCharset)
	}
	if ofStatement[err.Number] {
		return SchemaError{words}
	}
	return words
}

// The numbers of errors whose messages contain names and no values.
var (
	// ofStatement are those of a statement, with all values: access, unknown names, syntax,
	// collations, what can't be changed.
	ofStatement = numbers(1044, 1045, 1049, 1054, 1064, 1109, 1142, 1143, 1146, 1227, 1267, 1270, 1271, 1288, 1305, 1348, 1370, 1442, 1698, 1906, 3105, 4078)
	// ofRow are those of some rows: NULL, no default, out of range, truncated, too long,
	// foreign keys, CHECK.
	ofRow = numbers(1048, 1264, 1265, 1364, 1406, 1451, 1452, 3819, 4025)
	// charsets are those that may depend on the letters of a value.
	charsets = numbers(1267, 1270, 1271, 3988)
)

func numbers(all ...uint16) map[uint16]bool {
	set := map[uint16]bool{}
	for _, n := range all {
		set[n] = true
	}
	return set
}

// MySQLMessage returns the server's message if it contains names and no values. Most
// messages, and all of triggers, may contain any value. The text of a statement has no
// values, because they are sent apart from it.
func MySQLMessage(err *mysql.MySQLError) string {
	switch {
	case ofStatement[err.Number], ofRow[err.Number]:
		return fmt.Sprintf("%s (MySQL error %d)", err.Message, err.Number)
	case err.Number == 1644: // SIGNAL
		return fmt.Sprintf("a trigger or a procedure refused it (MySQL error %d)", err.Number)
	default:
		return fmt.Sprintf("MySQL error %d", err.Number)
	}
}
