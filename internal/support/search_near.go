package support

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
)

const (
	// mostTypos limits the addresses that are looked up. So the cost depends neither on the
	// number of accounts nor on that of resets: each is found by a whole address, in one
	// statement for many where the database allows it, and all within history.MaxTime.
	mostTypos   = 3000
	typosAtOnce = 100
	mostNear    = 5
	// inVainTime is how long ago a link may have been requested with a typing error.
	inVainTime = 7 * 24 * time.Hour
	// letters are the characters of most addresses.
	letters = "abcdefghijklmnopqrstuvwxyz0123456789.-_@"
)

// near returns accounts whose address differs from this one by one typing error. It looks for
// the most frequent errors first, until it finds some or the time is over.
func (s *support) near(ctx context.Context, email string) ([]person, error) {
	ctx, cancel := context.WithTimeout(ctx, history.MaxTime)
	defer cancel()
	for part := range slices.Chunk(mistyped(email), typosAtOnce) {
		found, err := s.Accounts.FindEach(ctx, part)
		if all := slices.Concat(found...); err != nil || len(all) > 0 {
			return few(all, err)
		}
	}
	return nil, nil
}

// inVain sets the addresses like the person's for which links were requested lately although
// no account has them: the person may have typed the address wrong.
func (s *support) inVain(v visit, view *accountView) error {
	var emails []string
	for _, a := range mistyped(view.Account.Email) {
		emails = append(emails, a.Normal)
	}
	found, err := s.History.AskedInVain(v.ctx(), emails, v.now.Add(-inVainTime))
	for _, asked := range found {
		view.InVain = append(view.InVain, askedInVain{asked.Email, view.When(asked.At)})
	}
	return err
}

// askedInVain is an address that no account has, and when a link was last requested for it.
type askedInVain struct {
	Email string
	Last  when
}

// mistyped returns the addresses that differ from this one by one typing error: two letters
// exchanged, or one too many, missing or wrong.
func mistyped(email string) (addresses []reset.Address) {
	asked, err := reset.ParseAddress(email)
	if err != nil {
		return nil // it is not an address
	}
	for _, typo := range typos(asked.Normal) {
		if a, err := reset.ParseAddress(typo); err == nil && a.Normal != asked.Normal && len(addresses) < mostTypos {
			addresses = append(addresses, a)
		}
	}
	return addresses
}

// elsewhere returns accounts whose address has the same name at another domain. That is a
// search for a part of an address, which may read all accounts: it gives up in time.
func (s *support) elsewhere(ctx context.Context, email string) ([]person, error) {
	name := email[:strings.LastIndexByte(email, '@')+1]
	ctx, cancel := context.WithTimeout(ctx, history.ListTime)
	defer cancel()
	found, err := s.Accounts.SearchAccounts(ctx, name)
	return few(slices.DeleteFunc(found, func(a reset.Account) bool { return !strings.HasPrefix(reset.Normal(a.Email), name) }), err)
}

// few returns each of the accounts once, at most mostNear. If they could not be searched in time,
// it returns none.
func few(found []reset.Account, err error) ([]person, error) {
	if errors.Is(err, reset.ErrAccounts) || errors.Is(err, reset.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
		return nil, nil
	}
	search := peopleSearch{at: map[string]int{}}
	for _, a := range found {
		search.add(a, false, "")
	}
	return search.found.Found[:min(mostNear, len(search.found.Found))], err
}

// typos returns the texts that one typing error makes of a text, the most frequent errors
// first.
func typos(text string) (all []string) {
	runes := []rune(text)
	each := func(until int, changed func(before, after []rune) string) {
		for i := range until {
			all = append(all, changed(runes[:i], runes[i:]))
		}
	}
	each(len(runes)-1, func(before, after []rune) string {
		return string(before) + string(after[1]) + string(after[0]) + string(after[2:])
	})
	each(len(runes), func(before, after []rune) string { return string(before) + string(after[1:]) })
	for _, letter := range letters {
		each(len(runes)+1, func(before, after []rune) string { return string(before) + string(letter) + string(after) })
		each(len(runes), func(before, after []rune) string { return string(before) + string(letter) + string(after[1:]) })
	}
	return all
}
