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

// hashes compares the format of new hashes with the formats of the sample.
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

// pickSample returns an account that can be reset. It prefers one that shares its
// address with another, because that shows a WHERE that is too wide.
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
