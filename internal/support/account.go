package support

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"resetd/internal/history"
	"resetd/internal/limit"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/web"
)

const (
	newestMost = 20   // how many of the newest resets the situation is drawn from
	recentMost = 1000 // the limit of the count of recent requests
)

// accountView is the page of a person.
type accountView struct {
	page
	UserID     string
	UserPath   string
	Account    reset.Account // empty if it does not exist
	Created    *when         // nil: unknown
	LastSignIn *when         // nil: never, or unknown
	Builtin    bool
	Locks      []limit.Lock // of its sign-in, at the moment
	NoLink     reset.Withheld
	Situation  []piece
	Timeline   timelineView
	Ticket     string // ten lines for a ticket
	ResetsPath string // of the list of its resets
	LooksPath  string // of the list of those who looked at it; empty if the member may not see it
	Actions    []staff.Action
	Caller     caller
	Done       string // the member's last action, as in the catalogue
	Reason     string // as typed
	Kept       bool   // the reason was typed before the member signed in again

	person history.Person
	newest []history.Life
}

// accountPath returns the path of an account's page; empty without an account.
func accountPath(id string) string {
	if id == "" {
		return ""
	}
	return "/support/accounts/" + url.PathEscape(id)
}

// accountID returns the id in the path. It may be any text and contain slashes.
func accountID(v visit) (string, error) {
	id := strings.TrimPrefix(v.Param("user_id"), "/")
	if id == "" || !utf8.ValidString(id) || strings.ContainsRune(id, 0) {
		return "", web.ErrNoPage
	}
	return id, nil
}

func (s *support) account(v visit) error {
	id, err := accountID(v)
	if err != nil {
		return err
	}
	if !staff.May(v.member.Role, staff.ViewedUser) {
		return s.accountForSender(v, id)
	}
	if err := s.may(v, staff.ViewedUser, id); err != nil {
		return err
	}
	view, err := s.accountView(v, id)
	if err != nil {
		return err
	}
	view.Reason, view.Kept = s.keptReason(v)
	if view.Done, err = s.done(v, id, view.Caller); err != nil {
		return err
	}
	return s.Renderer.HTML(v.Context, http.StatusOK, "support_account.html", view)
}

// done returns the word for the action that the page reports. The URL stays in the
// browser and may be sent to others, so only the member who did it sees the report.
func (s *support) done(v visit, id string, c caller) (string, error) {
	action := staff.Action(v.Query("done"))
	if !slices.Contains(personActions, action) && !slices.Contains(checkActions, action) || action == staff.MailedCode && !c.onItsWay() {
		return "", nil
	}
	last, err := s.Staff.ActionsOn(v.ctx(), []string{id}, v.now.Add(-doneTime), time.Time{}, actionsMost)
	if err != nil || !v.did(action, last) {
		return "", err
	}
	return "support_done_" + string(action), nil
}

// doneTime is how long a page reports an action. What it says about the account may change.
const doneTime = 2 * time.Minute

// did reports whether an action is the member's newest one of these, and succeeded just
// now. A colleague may have acted since.
func (v visit) did(action staff.Action, newestFirst []staff.Entry) bool {
	i := slices.IndexFunc(newestFirst, func(e staff.Entry) bool { return e.Member == v.member.Name })
	return i >= 0 && newestFirst[i].Action == action && newestFirst[i].Refused == "" && v.now.Sub(newestFirst[i].At) < doneTime
}

func (s *support) accountView(v visit, id string) (view accountView, err error) {
	view = accountView{page: s.page(v), UserID: id, UserPath: accountPath(id), Builtin: s.Builtin}
	view.ResetsPath = query{Text: id, Only: onlyResets}.with("/support", "")
	if view.May(staff.ViewedAudit) {
		view.LooksPath = activityQuery{What: "looks", Whom: id}.with(activityPath, "")
	}
	if view.Account, err = s.stored(v, id); err != nil {
		return view, err
	}
	for _, step := range []func(visit, *accountView) error{s.findPerson, s.header, s.situation, s.story} {
		if err := step(v, &view); err != nil {
			return view, err
		}
	}
	view.Actions = view.actions()
	if view.Caller, err = s.caller(v, view.page, view.Account); err != nil {
		return view, err
	}
	view.Ticket, err = view.ticket(s.BaseURL)
	return view, err
}

// findPerson sets the addresses that the account has or had.
func (s *support) findPerson(v visit, view *accountView) error {
	emails, err := s.History.AddressesOf(v.ctx(), view.UserID)
	if a, e := reset.ParseAddress(view.Account.Email); e == nil && !slices.Contains(emails, a.Normal) {
		emails = append(emails, a.Normal)
	}
	view.person = history.Person{UserID: view.UserID, Emails: emails, Builtin: s.Builtin}
	return err
}

// header sets what is known about the account itself.
func (s *support) header(v visit, view *accountView) error {
	view.NoLink = s.Accounts.Withholds(view.Account)
	if view.Account.ID == "" {
		return nil
	}
	locks, err := s.Limits.Locks(v.ctx(), limit.User(reset.Canonical(view.Account.Email)))
	if err != nil {
		return err
	}
	view.Locks = locks
	created, e := s.Accounts.Created(v.ctx(), view.UserID)
	signedIn, err := s.History.LastSignIn(v.ctx(), view.UserID)
	if !created.IsZero() {
		w := view.When(created)
		view.Created = &w
	}
	if !signedIn.IsZero() {
		w := view.When(signedIn)
		view.LastSignIn = &w
	}
	return errors.Join(e, err)
}

// situation sets the sentence about how things stand.
func (s *support) situation(v visit, view *accountView) (err error) {
	recent, err := s.History.CountAsked(v.ctx(), view.person, v.now.Add(-history.Recently), recentMost)
	if err != nil {
		return err
	}
	if view.newest, err = s.History.NewestResets(v.ctx(), view.person, newestMost); err != nil {
		return err
	}
	view.Situation, err = joined(view.page, history.Situation(recent, view.newest, v.now))
	return err
}

// joined returns messages as one sentence.
func joined(p page, parts []history.Message) (all []piece, err error) {
	for i, part := range parts {
		said, err := sentence(p, part)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			all = append(all, piece{Text: "; "})
		}
		all = append(all, said...)
	}
	return append(all, piece{Text: "."}), nil
}

// alive reports whether a link of the account still works.
func (view accountView) alive() bool {
	return slices.ContainsFunc(view.newest, func(l history.Life) bool {
		status := l.Status(view.now)
		return l.UserID == view.UserID && (status == reset.StatusPending || status == reset.StatusOpened)
	})
}
