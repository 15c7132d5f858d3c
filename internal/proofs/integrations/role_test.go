//go:build integrations

package integrations

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"strings"
)

// role creates a role for resetd with only the privileges of the framework's document
// and a schema for its own tables. It returns the database's URL for the role.
func (a *application) role() string {
	a.Helper()
	name := "resetd_" + strings.ToLower(rand.Text())
	a.db.SQL(a.T, `CREATE ROLE `+name+` LOGIN PASSWORD '`+name+`'`, `CREATE SCHEMA resetd AUTHORIZATION `+name)
	a.Cleanup(func() { a.dropRole(name) })
	for _, grant := range a.grants {
		a.db.SQL(a.T, `GRANT `+grant+` TO `+name)
	}
	u, err := url.Parse(a.db.URL)
	a.must(err)
	q := u.Query()
	q.Set("search_path", "resetd,public")
	u.RawQuery, u.User = q.Encode(), url.UserPassword(name, name)
	return u.String()
}

// dropRole drops the role, which belongs to the server and not to the database.
func (a *application) dropRole(name string) {
	db, err := sql.Open("postgres", a.db.URL)
	if err == nil {
		_, err = db.ExecContext(context.Background(), `DROP OWNED BY `+name+`; DROP ROLE `+name)
		_ = db.Close()
	}
	if err != nil {
		a.Errorf("drop the role: %v", err)
	}
}

// mariaUser is role for MariaDB, where resetd has no tables.
func (a *application) mariaUser() string {
	a.Helper()
	u, err := url.Parse(a.db.URL)
	a.must(err)
	name := "resetd_" + strings.ToLower(rand.Text())[:9]
	a.db.SQL(a.T, `CREATE USER `+name+`@'127.0.0.1' IDENTIFIED BY '`+name+`'`)
	for _, grant := range a.grants {
		a.db.SQL(a.T, `GRANT `+grant+` TO `+name+`@'127.0.0.1'`)
	}
	u.User = url.UserPassword(name, name)
	return u.String()
}
