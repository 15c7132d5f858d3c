package sqldb_test

import (
	"net/url"
	"testing"

	"resetd/internal/store/sqldb"
	"resetd/internal/testkit"
)

// The forms of a URL all lead to the database.
func TestOpenByEveryForm(t *testing.T) {
	u, err := url.Parse(testkit.EmptyPostgres(t))
	must(t, err)
	password, _ := u.User.Password()
	user, name, host, port := u.User.Username(), u.Path[1:], u.Hostname(), u.Port()
	login := "postgres://" + u.User.String() + "@"
	for text, want := range map[string]string{
		u.String():        name,
		u.String() + "\n": name,
		login + host + ":1," + u.Host + u.RequestURI():                                                                          name,
		"host=" + host + " port=" + port + " user=" + user + " password='" + password + "' dbname=" + name:                      name,
		"\thost=" + host + ",127.0.0.1 port=1," + port + " user=" + user + " password=" + password + " dbname=" + name + "\r\n": name,
	} {
		pool, err := sqldb.Open(text)
		if err != nil {
			t.Error(err)
			continue
		}
		var got string
		if err := pool.Get(t.Context(), &got, `SELECT CAST(current_database() AS text)`); err != nil || got != want {
			t.Errorf("got database %q %v, want %q", got, err, want)
		}
		_ = pool.Close()
	}
}
