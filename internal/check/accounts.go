package check

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/store/inspect"
)

// notUpToDate is for what the tables of the built-in accounts would show.
var notUpToDate = skip("the tables are not up to date")

// accounts tries the statements and rolls them back. It uses an account of the sample.
// If the sample is empty, it uses an account that does not exist.
func (i *inspection) accounts(ctx context.Context) results {
	if i.Config.Builtin && i.behind {
		i.broken = true
		return notUpToDate
	}
	i.sample, _ = i.users.db.Sample(ctx) // if it fails, Try reports it
	which := ""
	a, picked := i.pickSample()
	if picked {
		which = "one of the accounts"
	}
	found := i.try(ctx, a, which)
	if i.broken = len(found) > 0; !i.broken {
		statements := "find, get, set_password"
		if len(i.Config.Accounts.AfterReset) > 0 {
			statements += " and after_reset"
		}
		found = ok("%s work%s", statements, triedWith(which))
	}
	for _, n := range i.Config.Accounts.ForAll() {
		found = append(found, note("after_reset, statement %d, does not name $1: each reset changes these rows of all accounts", n)...)
	}
	if !i.Config.Accounts.EndsSessions {
		found = append(found, note("ends_sessions is not true: a user may stay signed in after a reset, and resetd does not promise that sessions end")...)
	}
	return found
}

// pickSample returns an account that can be reset. It prefers an account that shares its
// address with another, because it reveals a WHERE that matches too many rows.
func (i *inspection) pickSample() (picked reset.Account, ok bool) {
	seen := map[string]bool{}
	for _, a := range i.sample {
		if !i.scheme().Usable(a.PasswordHash) || a.Email == "" {
			continue
		}
		if address := strings.ToLower(a.Email); seen[address] {
			return a, true
		} else if seen[address] = true; !ok {
			picked, ok = a, true
		}
	}
	return picked, ok
}

func (i *inspection) scheme() password.Scheme { return i.Config.Hashing.Scheme }

// try returns the faults of the statements, tried with this account. The zero account
// does not exist.
func (i *inspection) try(ctx context.Context, a reset.Account, which string) (found results) {
	var to reset.NewPassword
	if a.ID != "" {
		hasher, err := password.NewHasher(i.Config.Hashing)
		if err != nil {
			return skip(invalidHashing)
		}
		if to.Hash, err = hasher.Renew(ctx, password.ForReset, a.PasswordHash, trialPassword); err != nil {
			return failed(err)
		}
		to.Verify = func(ctx context.Context, stored string) (bool, error) {
			return hasher.Verify(ctx, password.ForReset, stored, trialPassword)
		}
	}
	for _, f := range i.users.db.Try(ctx, inspect.Subject{Account: a, To: to}, i.Now()) {
		found = append(found, wrong("%s: %s%s", f.Name, f, triedWith(which))...)
	}
	return found
}

const trialPassword = "a password that resetd check rolls back"

const invalidHashing = "the hashing settings are invalid, see above"

// triedWith returns the end of a message, which names the account, if there is one.
func triedWith(which string) string {
	if which == "" {
		return ""
	}
	return " (tried with " + which + ", and rolled back)"
}

// hashes compares the format of new hashes with the formats of existing ones.
func (i *inspection) hashes(context.Context) results {
	switch {
	case i.Config.Accounts.Sample == "":
		return skip("RESETD_ACCOUNTS has no statement sample; try one account with `resetd check --verify`")
	case i.broken:
		return skip("the statements don't work, see above")
	case len(i.sample) == 0:
		return note("there are no accounts yet")
	}
	counts, expected, old, unreadable, without, unwritable := map[string]int{}, 0, 0, 0, 0, 0
	for _, a := range i.sample {
		name := i.scheme().Describe(a.PasswordHash)
		switch {
		case !(password.Scheme{}).Usable(a.PasswordHash): // a mark
			without++
			continue
		case !i.scheme().Usable(a.PasswordHash):
			unwritable++
			continue
		case name == "":
			unreadable++
			continue
		case strings.HasSuffix(name, i.scheme().Writes(a.PasswordHash)): // set_password may write the text before it
			expected++
		case i.scheme().OnlyReads(a.PasswordHash):
			old++
		}
		counts[name]++
	}
	text := listFormats(counts, unreadable, unwritable, without)
	switch all := len(i.sample); {
	case unwritable > 0 && unwritable+without == all:
		return wrong("%s; resetd can't write hashes of this application, unless set_password and get describe them in another form", text)
	case without == all:
		return wrong("%s; check the column password_hash of find, get and sample", text)
	case expected+old+unreadable == 0:
		return wrong("%s; new hashes would be %s; %s", text, i.scheme().Writes(""), i.setHash(slices.Collect(maps.Keys(counts))...))
	case expected+without+unwritable < all:
		return note("%s; hash = %q is not the format of all accounts, so it must be what the application writes today", text, i.scheme().Format)
	default:
		return ok("%s", text)
	}
}

// setHash tells what to write if new hashes differ from the stored ones, whose formats are
// given.
func (i *inspection) setHash(formats ...string) string {
	if prefix, is := strings.CutPrefix(formats[0], i.scheme().Format+" "); is && len(formats) == 1 {
		return fmt.Sprintf("set hash_prefix in RESETD_ACCOUNTS to %q", prefix)
	}
	return `set hash in RESETD_ACCOUNTS to the application's format, or to "match"`
}

func listFormats(counts map[string]int, unreadable, unwritable, without int) string {
	var formats []string
	all := unreadable + unwritable + without
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		formats = append(formats, fmt.Sprintf("%d %s", counts[name], name))
		all += counts[name]
	}
	if unreadable > 0 {
		formats = append(formats, fmt.Sprintf("%d of a format that resetd does not know (they get a link)", unreadable))
	}
	if unwritable > 0 {
		formats = append(formats, fmt.Sprintf("%d of a format that resetd does not write (no link for these)", unwritable))
	}
	if without > 0 {
		formats = append(formats, fmt.Sprintf("%d without a password that resetd can replace (no link for these)", without))
	}
	return fmt.Sprintf("of %s: %s", counted(all), strings.Join(formats, ", "))
}
