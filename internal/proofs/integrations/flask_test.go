//go:build integrations

package integrations

import "testing"

// flask is the application with one of two kinds of hashes.
func flask(hashes string) framework {
	return framework{
		folder: "flask", table: `"user"`, env: []string{"HASHES=" + hashes},
		schemes: map[string]string{"sqlite": "sqlite:///", "postgres": "postgresql:"},
		install: [][]string{{"/usr/bin/python3", "-m", "flask", "add-accounts"}},
		server:  []string{"/usr/bin/python3", "-m", "flask", "run", "--port", "PORT"},
		login:   "/login", fields: [2]string{"email", "password"},
	}
}

// Flask-Login's cookie contains only the account's id, so sessions continue.
func TestFlaskWithBcrypt(t *testing.T) {
	f := flask("bcrypt")
	f.preset, f.columns, f.sessions = "flask-bcrypt", []string{"password"}, true
	f.grants = []string{`SELECT, UPDATE (password) ON "user"`}
	prove(t, f, twins)
}

// If get_id() returns a random column, a reset ends the sessions.
func TestFlaskWithWerkzeugAndASessionKey(t *testing.T) {
	f := flask("werkzeug")
	f.preset, f.columns = "werkzeug,session-key", []string{"password_hash", "session_key"}
	f.grants = []string{`SELECT, UPDATE (password_hash) ON "user"`, `UPDATE (session_key) ON "user"`}
	prove(t, f, twins)
}
