package check

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"resetd/internal/reset"
	"resetd/internal/store/inspect"
	"resetd/internal/words"
)

// mostTyped is how many addresses are looked up in other cases. Of the plain ones a few
// are enough: the statement is right for all of them, or for none.
const mostTyped, mostPlain = 20, 3

// writings are other ways to type an address.
var writings = []struct {
	forms         func(email string) []string
	most          int
	which, advice string
}{
	{otherCases(true), mostPlain, "", "they are typed in capital or in small letters: write lower(email) IN (lower($1), $2, $3) in find"},
	{otherCases(false), mostTyped, " with letters beyond ASCII", "they are typed in capital or in small letters: " +
		"lower() changes only ASCII letters on SQLite and with PostgreSQL's collation C, and no database takes SS for ß; store addresses in small letters"},
	{otherDomains, mostTyped, " with a domain beyond ASCII", "the domain is typed in its other form (bücher.example, xn--bcher-kva.example): write lower(email) IN (lower($1), $2, $3) in find"},
}

// addresses counts the accounts of the sample that nobody can reset: no email can be
// sent to their address, or find does not find it if it is typed in another case or form.
func (i *inspection) addresses(ctx context.Context) (found results) {
	if i.broken || len(i.sample) == 0 {
		return skip("there are no accounts to look at")
	}
	if n := unsendable(i.sample); n > 0 {
		found = append(found, note("of %s, %s; correct the addresses", counted(len(i.sample)),
			words.Count(n, "has an address that email can't be sent to, and gets no link", "have an address that email can't be sent to, and get no link"))...)
	}
	if looked, missed, err := i.dirty(ctx); err != nil {
		return append(found, wrong("find: %v", err)...)
	} else if missed > 0 {
		found = append(found, note("of %s with blanks or invisible characters, %s not found when typed without them, so nobody who types them gets a link; correct the addresses",
			words.Count(looked, "address", "addresses"), words.Count(missed, "is", "are"))...)
	}
	for _, w := range writings {
		looked, missed, err := i.written(ctx, w.most, w.forms)
		if err != nil {
			return append(found, wrong("find: %v", err)...)
		}
		if missed > 0 {
			found = append(found, note("of %s, %s not found when %s", words.Count(looked, "address", "addresses")+w.which, words.Count(missed, "is", "are"), w.advice)...)
		}
	}
	if n, err := i.otherAddresses(ctx); err == nil && n > 0 {
		found = append(found, note("for %s find returns another address than get: their links go to the address that find matched, "+
			"and links that staff send go to the one of get; if the two are not a second and a first address, correct find or get", counted(n))...)
	}
	if len(i.sample) == inspect.MostSampled {
		return found.or(ok("email can be sent to all of %s that were read; there may be more", counted(len(i.sample))))
	}
	return found.or(ok("email can be sent to all of %s that were read", counted(len(i.sample))))
}

// dirty looks up addresses that are stored with characters that nobody types.
func (i *inspection) dirty(ctx context.Context) (looked, missed int, err error) {
	for _, a := range i.sample {
		typed := reset.Visible(reset.Trim(a.Email))
		if _, unsendable := reset.Mailbox(a.Email); typed == a.Email || unsendable != nil || looked == mostTyped {
			continue
		}
		known, err := i.finds(ctx, a, typed)
		if err != nil {
			return looked, missed, err
		}
		if looked++; !known {
			missed++
		}
	}
	return looked, missed, nil
}

func counted(accounts int) string { return words.Count(accounts, "account", "accounts") }

func unsendable(some []reset.Account) (n int) {
	for _, a := range some {
		if _, err := reset.Mailbox(a.Email); err != nil {
			n++
		}
	}
	return n
}

// written looks up addresses as people may type them. Those that are not even found as they
// are stored do not count.
func (i *inspection) written(ctx context.Context, most int, forms func(email string) []string) (looked, missed int, err error) {
	for _, a := range i.sample {
		typed := forms(a.Email)
		if len(typed) == 0 || looked == most {
			continue
		}
		known, err := i.finds(ctx, a, a.Email)
		if err != nil {
			return looked, missed, err
		}
		if !known {
			continue
		}
		looked++
		for _, form := range typed {
			if known, err = i.finds(ctx, a, form); err != nil {
				return looked, missed, err
			}
			if !known {
				missed++
				break
			}
		}
	}
	return looked, missed, nil
}

// otherCases returns an address in capital and in small letters: a plain one, or one with
// letters beyond ASCII.
func otherCases(plain bool) func(email string) []string {
	return func(email string) []string {
		local, domain, _ := strings.Cut(email, "@")
		if reset.ASCII(local) != plain {
			return nil
		}
		return []string{cases.Upper(language.Und).String(local) + "@" + domain, cases.Lower(language.Und).String(local) + "@" + domain}
	}
}

// otherDomains returns an address with its domain in A-labels and in Unicode.
func otherDomains(email string) []string {
	ascii, unicode, differ := reset.DomainForms(email)
	if !differ {
		return nil
	}
	return []string{ascii, unicode}
}

// finds reports whether find returns an account for an address.
func (i *inspection) finds(ctx context.Context, a reset.Account, typed string) (bool, error) {
	address, malformed := reset.ParseAddress(typed)
	if malformed != nil {
		return false, nil //nolint:nilerr // no account can be found by it
	}
	found, err := i.users.db.Find(ctx, address)
	return slices.ContainsFunc(found, func(f reset.Account) bool { return f.ID == a.ID }), err
}

// otherAddresses counts the accounts that find returns with another address than get.
func (i *inspection) otherAddresses(ctx context.Context) (n int, err error) {
	for _, a := range i.sample[:min(len(i.sample), mostTyped)] {
		address, malformed := reset.ParseAddress(a.Email)
		if malformed != nil {
			continue
		}
		found, err := i.users.db.Find(ctx, address)
		if err != nil {
			return n, err
		}
		got, err := i.users.db.Account(ctx, a.ID)
		if err != nil {
			return n, err
		}
		if slices.ContainsFunc(found, func(f reset.Account) bool { return f.ID == got.ID && f.Email != got.Email }) {
			n++
		}
	}
	return n, nil
}
