package sqldb

import (
	"errors"
	"strings"
	"testing"
)

func TestMySQLURL(t *testing.T) {
	for text, want := range map[string]string{
		"mysql://u:p%40@db.example.org/app":                       "tcp db.example.org:3306 app TLS",
		"mysql://u@127.0.0.1:3307/app":                            "tcp 127.0.0.1:3307 app",
		"mysql://u@localhost/app":                                 "tcp localhost:3306 app",
		"mysql://u@/app?socket=/run/mysqld/mysqld.sock":           "unix /run/mysqld/mysqld.sock app",
		"mysql://u@db.example.org/app?sslmode=disable":            "tcp db.example.org:3306 app",
		"mysql://u@127.0.0.1/app?sslmode=verify-full":             "tcp 127.0.0.1:3306 app TLS",
		"mysql://u:hunter2@db.example.org/":                       "database is not valid",
		"mysql://u:hunter2@db.example.org/app?charset=latin1":     "parameter charset is not valid",
		"mysql://u:hunter2@db.example.org/app?sslmode=prefer":     "parameter sslmode is not valid",
		"mysql://u:hunter2@db.example.org/app?sslrootcert=/no/ca": "parameter sslrootcert is not valid",
		"mysql://u:hunter2@one.example.org,two.example.org/app":   "host is not valid",
		"mysql://u:hunter2@db.example.org:port/app":               "port is not valid",
		"mysql://u:hun/ter2@db.example.org/app":                   "password is not valid",
	} {
		s, err := parseSource(text, OfAccounts)
		var got string
		if err != nil {
			got = err.Error()
		} else {
			got = s.mysql.Net + " " + s.mysql.Addr + " " + s.mysql.DBName
			if s.mysql.TLS != nil {
				got += " TLS"
				if s.mysql.TLS.InsecureSkipVerify || !strings.Contains(text, s.mysql.TLS.ServerName) {
					t.Errorf("%s: the server need not prove its name", text)
				}
			}
		}
		if err == nil && got != want || err != nil && !strings.Contains(got, "RESETD_ACCOUNTS_DATABASE_URL: the "+want) || strings.Contains(got, "hunter2") {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// resetd's own tables can't be in MySQL.
func TestMySQLIsForAccountsOnly(t *testing.T) {
	var wrong *URLError
	if _, err := Open("mysql://u@db.example.org/app"); !errors.As(err, &wrong) {
		t.Errorf("got %v, want an error about the URL", err)
	}
}
