package sqldb

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// Digest is the number of rows of a table, and a digest of them that does not depend on
// their order.
type Digest struct {
	Rows int
	Sum  [sha256.Size]byte
}

// add combines the digests of rows by XOR. Rows of a table differ, because each has a key.
func (d *Digest) add(row []any) error {
	h := sha256.New()
	for _, value := range row {
		text, err := canonical(value)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(h, "%d:%s,", len(text), text)
	}
	d.Rows++
	for i, b := range h.Sum(nil) {
		d.Sum[i] ^= b
	}
	return nil
}

// canonical returns a value as a text that is the same for both databases. NULL differs
// from every text.
func canonical(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "\x00NULL", nil
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case bool:
		return map[bool]string{true: "1", false: "0"}[v], nil
	case time.Time:
		return Format(v), nil
	default:
		return "", fmt.Errorf("a value of type %T can't be compared", value)
	}
}

// DigestOf returns the digest of some columns of all rows of a table, and calls each with
// every row, unless it is nil.
func (db DB) DigestOf(ctx context.Context, table string, columns []string, each func([]any) error) (d Digest, err error) {
	rows, err := db.Query(ctx, `SELECT `+strings.Join(columns, ", ")+` FROM `+table)
	if err != nil {
		return d, Translate(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		row, err := rows.SliceScan()
		if err == nil {
			err = d.add(row)
		}
		if err == nil && each != nil {
			err = each(row)
		}
		if err != nil {
			return d, Translate(err)
		}
	}
	return d, Translate(rows.Err())
}

// ColumnsOf returns the columns of a table, sorted.
func (db DB) ColumnsOf(ctx context.Context, table string) (names []string, err error) {
	err = db.List(ctx, &names, db.Dialect.Columns, table)
	slices.Sort(names)
	return names, err
}

// Fill runs f, which adds rows to a table of PostgreSQL in the transaction of db.
func (db DB) Fill(ctx context.Context, table string, columns []string, f func(add func([]any) error) error) error {
	tx, ok := db.conn.(*sqlx.Tx)
	if !ok || !db.Dialect.OwnConns {
		return errors.New("store: only a transaction of PostgreSQL can be filled")
	}
	statement, err := tx.PrepareContext(ctx, `COPY `+table+` (`+strings.Join(columns, ", ")+`) FROM STDIN`)
	if err != nil {
		return Translate(err)
	}
	defer func() { _ = statement.Close() }()
	err = f(func(row []any) error {
		_, err := statement.ExecContext(ctx, row...)
		return err
	})
	if err == nil {
		_, err = statement.ExecContext(ctx)
	}
	return Translate(err)
}
