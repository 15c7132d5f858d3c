package check

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"resetd/internal/password"
	"resetd/internal/reset"
)

// hashes compares the format of new hashes with the formats of existing ones.
func (i *inspection) hashes(context.Context) []finding {
	if i.Config.Accounts.Sample == "" {
		return []finding{skip("RESETD_ACCOUNTS has no statement sample; try one account with `resetd check --verify`")}
	}
	if i.broken {
		return []finding{skip("the statements don't work, see above")}
	}
	if len(i.sample) == 0 {
		return []finding{note("there are no accounts yet")}
	}
	return []finding{judgeHashes(i.sample, i.scheme())}
}

// pickSample returns an account that can be reset. It prefers an account that shares its
// address with another, because it reveals a WHERE that matches too many rows.
func (i *inspection) pickSample(some []reset.Account) (picked reset.Account, ok bool) {
	seen := map[string]bool{}
	for _, a := range some {
		if i.scheme().Writes(a.PasswordHash) == "" || a.Email == "" {
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

func judgeHashes(some []reset.Account, scheme password.Scheme) finding {
	counts, expected, unreadable := map[string]int{}, 0, 0
	for _, a := range some {
		switch name := password.Describe(a.PasswordHash); name {
		case "":
			unreadable++
		default:
			counts[name]++
			if name == scheme.Writes(a.PasswordHash) {
				expected++
			}
		}
	}
	var formats []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		formats = append(formats, fmt.Sprintf("%d %s", counts[name], name))
	}
	if unreadable > 0 {
		formats = append(formats, fmt.Sprintf("%d without a hash that resetd can read (no link for these)", unreadable))
	}
	text := fmt.Sprintf("of %d accounts: %s", len(some), strings.Join(formats, ", "))
	switch {
	case unreadable == len(some):
		return wrong(text + "; check the column password_hash of find, get and sample")
	case expected == 0:
		return wrong(text + `; new hashes would be ` + scheme.Writes("") + `; set hash in RESETD_ACCOUNTS to the application's format, or to "match"`)
	case expected+unreadable < len(some):
		return note(text + `; hash = "` + scheme.Format + `" is not the format of all accounts`)
	default:
		return ok(text)
	}
}
