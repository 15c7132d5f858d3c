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

// hashes looks at what accounts have, as far as the statement sample shows some:
// whether new hashes would be of the format that is there, and whether all that a
// reset does can be done to one of them.
func (i *inspection) hashes(ctx context.Context) []finding {
	if i.Config.Accounts.Sample == "" {
		return []finding{skip("RESETD_ACCOUNTS has no statement sample; try one account with `resetd check --verify`")}
	}
	if i.broken {
		return []finding{skip("the statements don't work, see above")}
	}
	some, err := i.db.Sample(ctx)
	switch {
	case err != nil:
		return []finding{wrong("sample: " + err.Error())}
	case len(some) == 0:
		return []finding{note("there are no accounts yet")}
	}
	found := []finding{judgeHashes(some, i.scheme())}
	if a, there := i.pickSample(some); there && found[0].state != Wrong {
		found = append(found, i.rehearse(ctx, a, "one of the accounts")...)
	}
	return found
}

// pickSample is an account that can be reset. One that shares its address shows a
// WHERE that is too wide, so it is such a one where there is any.
func (i *inspection) pickSample(some []reset.Account) (first reset.Account, there bool) {
	seen := map[string]bool{}
	for _, a := range some {
		if i.scheme().Writes(a.PasswordHash) == "" || a.Email == "" {
			continue
		}
		if address := strings.ToLower(a.Email); seen[address] {
			return a, true
		} else if seen[address] = true; !there {
			first, there = a, true
		}
	}
	return first, there
}

func (i *inspection) scheme() password.Scheme { return i.Config.Hashing.Scheme }

// judgeHashes counts the formats.
func judgeHashes(some []reset.Account, scheme password.Scheme) finding {
	counts, fit, foreign := map[string]int{}, 0, 0
	for _, a := range some {
		switch name := password.Describe(a.PasswordHash); name {
		case "":
			foreign++
		default:
			counts[name]++
			if name == scheme.Writes(a.PasswordHash) {
				fit++
			}
		}
	}
	var formats []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		formats = append(formats, fmt.Sprintf("%d %s", counts[name], name))
	}
	if foreign > 0 {
		formats = append(formats, fmt.Sprintf("%d without a password that resetd can read, which get no link", foreign))
	}
	text := fmt.Sprintf("of %d accounts: %s", len(some), strings.Join(formats, ", "))
	switch {
	case foreign == len(some):
		return wrong(text + "; look at the column password_hash of find, get and sample")
	case fit == 0:
		return wrong(text + `; new ones would be ` + scheme.Writes("") + `: set hash in RESETD_ACCOUNTS to the application's format, or to "match"`)
	case fit+foreign < len(some):
		return note(text + `; hash = "` + scheme.Format + `" is not that of all`)
	default:
		return ok(text)
	}
}

// rehearse resets an account's password and rolls that back. It says which
// account that was.
func (i *inspection) rehearse(ctx context.Context, a reset.Account, which string) []finding {
	hasher, err := password.NewHasher(i.Config.Hashing)
	if err != nil {
		return []finding{skip("the settings of hashing can't be read, see above")}
	}
	hash, err := hasher.Renew(ctx, password.ForReset, a.PasswordHash, rehearsal)
	if err != nil {
		return []finding{wrong(err.Error())}
	}
	if f := i.db.Rehearse(ctx, a, hash, i.Now()); f != nil {
		return []finding{wrong(failed(*f) + " (tried with " + which + ", and rolled back)")}
	}
	return []finding{ok(which + " was reset, just one row, and rolled back")}
}

const rehearsal = "a password that resetd check rolls back"

func failed(f inspect.StatementFault) string { return f.Name + ": " + f.Error() }
