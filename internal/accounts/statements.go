package accounts

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
)

// OnMySQL returns the directory for MariaDB and MySQL.
func (d Directory) OnMySQL() Directory {
	s, other := &d.Statements, d.MySQL
	s.Find, s.Get, s.SetPassword = cmp.Or(other.Find, s.Find), cmp.Or(other.Get, s.Get), cmp.Or(other.SetPassword, s.SetPassword)
	s.Search, s.Sample = cmp.Or(other.Search, s.Search), cmp.Or(other.Sample, s.Sample)
	if other.AfterReset != nil {
		s.AfterReset = other.AfterReset
	}
	if other.Grants != nil {
		s.Grants = other.Grants
	}
	d.MySQL = Statements{}
	return d
}

// check returns errors that begin with a text and the statement's name.
func (s Statements) check(before string) error {
	problems := []error{
		s.Find.check(before+"find", 3), s.Get.check(before+"get", 1),
		s.SetPassword.check(before+"set_password", 3, partNames...),
	}
	for i, each := range s.AfterReset {
		problems = append(problems, each.check(fmt.Sprintf("%safter_reset, statement %d", before, i+1), 1))
	}
	if s.Search != "" {
		problems = append(problems, s.Search.check(before+"search", 1))
	}
	if s.Sample != "" {
		problems = append(problems, s.Sample.check(before+"sample", 0))
	}
	return errors.Join(problems...)
}

// ForAll returns the places, from 1, of the statements in after_reset that change the rows
// of all accounts: an UPDATE or a DELETE without the account's id.
func (s Statements) ForAll() (places []int) {
	for i, each := range s.AfterReset {
		if changes.MatchString(string(each)) && !each.names([]string{"$1"}) {
			places = append(places, i+1)
		}
	}
	return places
}

var changes = regexp.MustCompile(`(?i)^\s*(UPDATE|DELETE)\b`)
