package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
)

// visitor opens and uses links, each with several browsers at the same time.
type visitor struct {
	*load
	rng *rand.Rand
}

func (u *visitor) useOn(ctx context.Context) {
	for {
		select {
		case <-u.done:
			return
		case <-ctx.Done():
			return
		case m := <-u.links:
			if u.rng.IntN(10) > 0 { // one in ten is never opened
				u.useLink(ctx, m)
			}
			u.open.Add(-1)
		}
	}
}

// useLink opens and uses a link. Like a person, it repeats requests without an answer.
func (u *visitor) useLink(ctx context.Context, m mailed) {
	a := u.accounts[m.to]
	if a == nil {
		u.ledger.fault(other, "a link was mailed to %s, which has no account", m.to)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if u.follow(ctx, m) != http.StatusSeeOther {
		return
	}
	for ctx.Err() == nil {
		won, settled := u.race(ctx, m, 2+u.rng.IntN(2))
		if won != "" {
			a.password = won
			if !u.twoDatabases && u.rng.IntN(3) == 0 { // not too often, because of the hash
				u.signIn(ctx, a)
			}
		}
		if settled {
			break
		}
		wait(ctx, pause)
	}
	if u.rng.IntN(3) == 0 { // again, when the link must be dead
		u.race(ctx, m, 1)
	}
}

// follow opens a link until there is an answer: 303 for the form, 410 for a dead link.
func (l *load) follow(ctx context.Context, m mailed) (status int) {
	for ctx.Err() == nil {
		status = l.send(ctx, "/password-reset/confirm/"+m.token, "chaos open", "")
		l.ledger.answered("open "+linkID(m.token), status, http.StatusSeeOther, http.StatusGone)
		if !unknown(status) {
			break
		}
		wait(ctx, pause)
	}
	return status
}

// race posts the form several times at the same time, each with a different password. It
// returns the acknowledged password, and whether the link is known to be dead.
func (u *visitor) race(ctx context.Context, m mailed, browsers int) (won string, settled bool) {
	var mu sync.Mutex
	var racing sync.WaitGroup
	settled = true
	for range browsers {
		p := post{email: m.to, link: linkID(m.token), password: fmt.Sprintf("walrus on bicycle %d", u.rng.Uint64())}
		racing.Go(func() {
			status := u.use(ctx, m.token, p)
			mu.Lock()
			defer mu.Unlock()
			if acknowledged(status) {
				won = p.password
			}
			settled = settled && !unknown(status)
		})
	}
	racing.Wait()
	return won, settled || won != ""
}

func (u *visitor) use(ctx context.Context, token string, p post) int {
	n := u.ledger.post(p)
	agent := useAgent + strconv.Itoa(n)
	select {
	case u.posting <- struct{}{}:
	default:
	}
	status := u.send(ctx, "/password-reset/confirm", agent, token,
		"reset", p.link, "new_password", p.password, "confirm_password", p.password)
	u.ledger.answered(agent, status, http.StatusSeeOther, http.StatusGone)
	u.ledger.posted(n, status)
	return status
}

// signIn tries the last acknowledged password.
func (u *visitor) signIn(ctx context.Context, a *account) {
	status := u.load.signIn(ctx, a.email, a.password)
	if status == http.StatusUnprocessableEntity {
		u.ledger.fault(other, "%s: the password that was acknowledged a moment ago does not sign in", a.email)
	}
}

func (l *load) signIn(ctx context.Context, email, password string) int {
	status := l.send(ctx, "/login", "chaos sign-in", "", "email", email, "password", password)
	l.ledger.answered("sign-in of "+email, status, http.StatusSeeOther, http.StatusUnprocessableEntity)
	return status
}
