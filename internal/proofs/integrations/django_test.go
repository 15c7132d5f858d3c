//go:build integrations

package integrations

import "testing"

// In Django addresses are not unique, and people sign in with names. Django's command
// creates the first account, which uses the admin's sign-in page.
func TestDjango(t *testing.T) {
	people := among(
		person{id: "5", name: "twin", email: "twin@example.org"},
		person{id: "6", name: "twin2", email: "twin@example.org", typed: "Twin@example.org"},
		person{id: "7", name: "inactive", email: "inactive@example.org", typed: "inactive@example.org", withheld: "inactive"},
		person{id: "8", name: "unusable", email: "unusable@example.org", password: "-", typed: "unusable@example.org", withheld: "no_password"},
	)
	people[0].installed = true
	prove(t, framework{
		folder: "django", preset: "django", byName: true, table: "auth_user", columns: []string{"password"},
		databases: []string{"sqlite", "postgres", "mariadb"},
		env:       []string{"DJANGO_SUPERUSER_PASSWORD=" + oldPassword},
		install: [][]string{
			{"/usr/bin/python3", "manage.py", "migrate"},
			{"/usr/bin/python3", "manage.py", "createsuperuser", "--noinput", "--username=owner", "--email=" + owner.email},
			{"/usr/bin/python3", "add_accounts.py"},
		},
		server: []string{"/usr/bin/python3", "manage.py", "runserver", "--noreload", "ADDR"},
		grants: []string{"SELECT, UPDATE (password) ON auth_user"},
		login:  "/accounts/login/", admin: "/admin/login/", fields: [2]string{"username", "password"},
	}, people)
}
