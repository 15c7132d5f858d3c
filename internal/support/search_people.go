package support

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"resetd/internal/history"
	"resetd/internal/reset"
)

// person is an account in the list of people that a search found.
type person struct {
	ID, Email, Name, Path string
	Active                bool
	Former                string // an address that the account had; empty: it was found in another way
	exact                 bool   // found by its whole address, name or id

	LastAsked, Created *when // what tells those of one name apart; nil: none, or not known
}

// people is the result of a search for people.
type people struct {
	Found []person
	Stuck bool // the accounts could not be searched completely
	Many  bool // there may be more
	Count int  // how many match, if there are more, up to mostRows; 0: this is not known
	Over  bool // more than Count match
	Dated bool // their times are set

	Mailed string // where the email went whose Message-ID was searched for, if it was for no account
	Mail   string // the page of the reset that this email belongs to; empty: to none
}

// one returns the person that a search opens at once: the only one. A person found by
// a part is opened only if no reset belongs to anybody else.
func (p people) one(resets []reset.Reset) (person, bool) {
	if len(p.Found) != 1 || p.Stuck {
		return person{}, false
	}
	found := p.Found[0]
	others := slices.ContainsFunc(resets, func(r reset.Reset) bool { return r.UserID != found.ID })
	return found, found.exact || !others
}

// none reports whether nobody was found, although all accounts were searched.
func (p people) none() bool { return len(p.Found) == 0 && !p.Stuck }

// findPeople looks for accounts by a text: an id, a present or former address, a name,
// or, if parts are wanted, a part of a name or address. If the accounts can't be searched,
// people in the record are still found.
func (s *support) findPeople(ctx context.Context, text string, parts bool) (found people, err error) {
	ctx, cancel := context.WithTimeout(ctx, history.MaxTime)
	defer cancel()
	search := peopleSearch{support: s, ctx: ctx, at: map[string]int{}}
	searched := history.SearchText(text)
	steps := []func(string) error{
		func(string) error { return search.byID(text) }, // any text may be an id
		search.byID, search.byName, search.byFormerAddress, search.byMessage,
	}
	if parts {
		steps = append(steps, search.byPart)
	}
	for _, step := range steps {
		switch err := step(searched); {
		case err == nil:
		case errors.Is(err, reset.ErrAccounts), errors.Is(err, reset.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
			search.found.Stuck = true
		default:
			return people{}, err
		}
	}
	return search.found, nil
}

// mostSearched is how many accounts a search by a part finds at most.
const mostSearched = 20

type peopleSearch struct {
	*support
	ctx   context.Context //nolint:containedctx // of one search
	found people
	at    map[string]int // the places of the accounts by their id
}

// add adds an account unless it was found before.
func (p *peopleSearch) add(a reset.Account, exact bool, former string) {
	if _, known := p.at[a.ID]; known {
		return
	}
	p.at[a.ID] = len(p.found.Found)
	p.found.Found = append(p.found.Found, person{ID: a.ID, Email: a.Email, Name: a.Name, Path: accountPath(a.ID), Active: a.Active, Former: former, exact: exact})
}

func (p *peopleSearch) byID(text string) error {
	a, err := p.Accounts.Account(p.ctx, text)
	if err == nil {
		p.add(a, true, "")
	}
	if !errors.Is(err, reset.ErrNotFound) {
		return err
	}
	emails, err := p.History.AddressesOf(p.ctx, text)
	if len(emails) > 0 {
		p.add(reset.Account{ID: text}, true, emails[0]) // deleted since
	}
	return err
}

// byName finds accounts by their whole address or name.
func (p *peopleSearch) byName(text string) error {
	asked, err := reset.ParseAddress(text)
	if err != nil {
		if asked, err = reset.ParseName(text); err != nil {
			return nil //nolint:nilerr // nobody has such a name
		}
	}
	found, err := p.Accounts.FindAccounts(p.ctx, asked)
	for _, a := range found {
		p.add(a, true, "")
	}
	return err
}

// byFormerAddress finds the accounts that an address had when it was requested, or when a
// link was requested by name: only the email of that one has the address, and finding it takes
// longer.
func (p *peopleSearch) byFormerAddress(text string) error {
	asked, err := reset.ParseAddress(text)
	if err != nil {
		return nil //nolint:nilerr // it is not an address
	}
	ids, err := p.History.AccountsAskedFor(p.ctx, asked.Normal)
	if err == nil && len(ids)+len(p.found.Found) == 0 && p.Names {
		ids, err = p.History.AccountsMailed(p.ctx, asked, p.Now().UTC().AddDate(0, 0, -history.Days))
	}
	for _, id := range ids {
		if _, known := p.at[id]; known {
			continue
		}
		a, err := p.Accounts.Account(p.ctx, id)
		switch {
		case errors.Is(err, reset.ErrNotFound):
			p.add(reset.Account{ID: id}, true, asked.Normal) // deleted since
		case err != nil:
			return err
		default:
			p.add(a, true, asked.Normal)
		}
	}
	return err
}

// messageIDs matches a Message-ID of ours, also in a line of a mail server's log.
var messageIDs = regexp.MustCompile(`(?i)(?:^|[^0-9a-z-])([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@`)

// byMessage finds the reset and the account that an email was for, by its Message-ID, or at
// least the address, if the email was for nobody's account.
func (p *peopleSearch) byMessage(text string) error {
	found := messageIDs.FindStringSubmatch(text)
	if found == nil {
		return nil
	}
	id, err := uuid.Parse(found[1])
	if err != nil {
		return nil //nolint:nilerr // it is not a Message-ID of ours
	}
	d, err := p.History.Email(p.ctx, id)
	if err != nil || d.UserID == "" {
		p.found.Mailed = d.Recipient
		return err
	}
	if d.ResetID != (reset.ID{}) {
		p.found.Mail = "/support/resets/" + d.ResetID.String()
	}
	return p.byID(d.UserID)
}

func (p *peopleSearch) byPart(text string) error {
	if len(p.found.Found) > 0 {
		return nil // a whole name or address is not a part
	}
	var err error
	all := orders(text)
	if ascii, unicode, differ := reset.DomainForms(text); differ {
		all = []string{ascii, unicode}
	}
	for _, order := range all {
		var found []reset.Account
		if found, err = p.Accounts.SearchAccounts(p.ctx, order); err != nil {
			break
		}
		if p.found.Many = len(found) >= mostSearched; p.found.Many {
			p.count(order)
		}
		for _, a := range found {
			p.add(a, false, "")
		}
		if len(found) > 0 {
			break
		}
	}
	slices.SortFunc(p.found.Found, func(a, b person) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Email, b.Email)) })
	return err
}

// count sets how many people match, if this is found out in time.
func (p *peopleSearch) count(part string) {
	ctx, cancel := context.WithTimeout(p.ctx, history.ListTime)
	defer cancel()
	n, err := p.Accounts.CountAccounts(ctx, part, mostRows+1)
	if err == nil && n > mostSearched { // in time, and the statement has no limit of its own
		p.found.Count, p.found.Over = min(n, mostRows), n > mostRows
	}
}

// tellApart sets the times that tell people of one name apart.
func (s *support) tellApart(ctx context.Context, p page, all people) (people, error) {
	for i := range all.Found {
		one := &all.Found[i]
		asked, err := s.History.Marks(ctx, history.Person{UserID: one.ID}, history.Sources{Resets: true}, time.Time{}, 1)
		if err != nil {
			return all, err
		}
		created, err := s.Accounts.Created(ctx, one.ID)
		if err != nil {
			return all, err
		}
		if one.Created = whenOf(p, created); len(asked) > 0 {
			one.LastAsked = whenOf(p, asked[0])
		}
	}
	all.Dated = true
	return all, nil
}

// orders returns a text as it is, and then as a name in the other order: lists and forms
// have "Example, Anna" where the account has "Anna Example".
func orders(text string) []string {
	if strings.ContainsFunc(text, unicode.IsDigit) {
		return []string{text} // no name: each order takes another search through all accounts
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' })
	if len(words) < 2 {
		return []string{text}
	}
	first, last := words[0], words[len(words)-1]
	toEnd, toFront := strings.Join(append(slices.Clone(words[1:]), first), " "), strings.Join(append([]string{last}, words[:len(words)-1]...), " ")
	return slices.Compact([]string{text, toEnd, toFront})
}

// signUps returns the sign-ups with an address that nobody has confirmed yet, newest first.
func (s *support) signUps(ctx context.Context, p page, email string) (all []entry, err error) {
	found, err := s.History.Story(ctx, history.Person{Emails: []string{email}, Builtin: s.Builtin}, history.Sources{Mails: true}, history.Span{})
	view := accountView{Account: reset.Account{Email: email}}
	t := teller{page: p, view: &view, ids: map[string]int{}}
	for _, day := range t.tell(found, nil) {
		all = append(all, day.Entries...)
	}
	return all, err
}
