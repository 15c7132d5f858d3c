package search

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/store/sqldb"
	"resetd/internal/testkit"
)

var (
	userColumns  = []string{"id", "email", "name", "password_hash", "active", "created_at"}
	eventColumns = []string{"reset_id", "user_id", "at", "kind", "actor", "ip", "agent", "detail"}
	auditColumns = []string{"at", "member", "role", "action", "target", "reason", "caller", "ip", "agent"}
)

// accounts is how many accounts there are: most have several resets.
func (w world) accounts() int { return w.resets / 10 }

// users yields all built-in accounts.
func (w world) users(yield func(...any) error) error {
	for n := 1; n <= w.accounts(); n++ {
		first, last := names(n)
		name := strings.ToUpper(first[:1]) + first[1:] + " " + strings.ToUpper(last[:1]) + last[1:]
		if err := yield(account(n), address(n), name, testkit.PasswordHash, n%333 != 0, sqldb.Format(w.now.AddDate(-2, 0, 0))); err != nil {
			return err
		}
	}
	return nil
}

// events yields what happened to the recent resets, and about as many events of accounts,
// both in the order of time.
func (w world) events(yield func(...any) error) error {
	dice := rand.New(rand.NewPCG(7, 11)) //nolint:gosec // the same rows each time
	return w.each(func(_ int, r row) error {
		if !r.recent {
			return nil
		}
		for _, e := range append(ofReset(dice, r), w.ofAccount(dice, r)...) {
			if err := yield(e...); err != nil {
				return err
			}
		}
		return nil
	})
}

func ofReset(dice *rand.Rand, r row) (all [][]any) {
	add := func(after time.Duration, kind reset.EventKind, actor, ip any, agent, detail string) {
		all = append(all, []any{r.id.String(), nil, sqldb.Format(r.at.Add(after)), string(kind), actor, ip, agent, detail})
	}
	switch r.mail {
	case "accepted", "bounced":
		if dice.IntN(50) == 0 {
			add(time.Second/2, reset.EventDeferred, reset.ActorWorker, nil, mailServer, greylisted)
		}
		add(time.Second, reset.EventSent, reset.ActorWorker, nil, mailServer, accepted)
		if r.mail == "bounced" {
			add(time.Minute, reset.EventBounced, reset.ActorWorker, nil, mailServer, "5.2.2 mailbox full")
		}
	case "failed":
		add(time.Second, reset.EventFailed, reset.ActorWorker, nil, mailServer, noSuchUser)
	case "unknown":
		add(time.Second, reset.EventUnanswered, reset.ActorWorker, nil, mailServer, "")
	}
	if r.mail == "accepted" && dice.IntN(5) == 0 {
		add(3*time.Second, reset.EventOpened, reset.ActorScanner, "192.0.2.80", "ExampleLinkPreview/2.1", "agent of a program")
	}
	if r.opened > 0 {
		add(r.opened, reset.EventOpened, reset.ActorUser, r.ip.String(), r.agent, "")
	}
	if r.used > 0 && dice.IntN(10) == 0 {
		add(r.used-time.Second, reset.EventRefused, reset.ActorUser, r.ip.String(), r.agent, "password refused: too_short")
	}
	return all
}

// ofAccount returns what happened to some account at the time of a reset: mostly
// sign-ins, sometimes failures up to a lock.
func (w world) ofAccount(dice *rand.Rand, r row) (all [][]any) {
	user := account(w.drawAccount(dice))
	add := func(kind reset.EventKind, detail string) {
		at := r.at.Add(time.Duration(len(all)) * time.Second)
		all = append(all, []any{nil, user, sqldb.Format(at), string(kind), reset.ActorUser, r.ip.String(), r.agent, detail})
	}
	switch kind := dice.IntN(200); {
	case kind == 0:
		for n := 1; n <= 5; n++ {
			add(reset.EventSignInFailed, fmt.Sprintf("#%d", n))
		}
		add(reset.EventSignInFailed, "#8")
		add(reset.EventSignInFailed, "#16")
		add(reset.EventLocked, "network")
	case kind == 1:
		add(reset.EventPasswordChanged, "")
	case kind < 30:
		add(reset.EventSignInFailed, "#1")
	default:
		add(reset.EventSignedIn, "")
	}
	return all
}

// drawAccount returns a random account, the lower the busier.
func (w world) drawAccount(dice *rand.Rand) int {
	return 1 + int(math.Pow(dice.Float64(), 3)*float64(w.accounts()-1))
}

// audit yields what three colleagues did in the recent days: for one reset in ten a
// search, and sometimes more.
func (w world) audit(yield func(...any) error) error {
	dice := rand.New(rand.NewPCG(5, 9)) //nolint:gosec // the same rows each time
	return w.each(func(i int, r row) error {
		if !r.recent || r.account == 0 || i%10 != 0 {
			return nil
		}
		user, member := account(int(r.account)), []string{"ada", "ben", "cleo"}[dice.IntN(3)]
		at := r.at.Add(10 * time.Minute)
		add := func(action staff.Action, target, reason, caller string) error {
			at = at.Add(20 * time.Second)
			return yield(sqldb.Format(at), member, string(staff.Agent), string(action), target, reason, caller, "192.0.2.10", agents[0])
		}
		err := add(staff.Searched, url.Values{"q": {r.email}}.Encode(), "", "")
		if err == nil && dice.IntN(2) == 0 {
			err = add(staff.ViewedUser, user, "", "")
		}
		if err == nil && dice.IntN(20) == 0 {
			err = add(staff.SentLinkTo, user, fmt.Sprintf("ticket %d", i), []string{"verified", "unverified"}[dice.IntN(2)])
		}
		if err == nil && dice.IntN(50) == 0 {
			err = add(staff.Noted, user, "called, will try again tonight", "")
		}
		return err
	})
}
