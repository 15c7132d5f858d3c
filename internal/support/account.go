package support

import (
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

// accountView is the page of a person.
type accountView struct {
	page
	UserID     string
	UserPath   string
	Account    reset.Account // empty if it does not exist
	Others     []string      // addresses that it had when a link was requested for them
	Created    *when         // nil: unknown
	LastSignIn *when         // nil: never, or unknown
	Sessions   []openSession // of built-in accounts; the newest first
	Builtin    bool
	Locks      []limit.Lock // of its sign-in, at the moment
	LockedFrom string       // the IP address that caused the newest of them; empty if it is not known
	NoLink     reset.Withheld
	Situation  []piece
	Notes      []staff.Entry // the newest ones
	Timeline   timelineView
	InVain     []askedInVain // if the person did not ask lately
	Ticket     string        // ten lines for a ticket
	ResetsPath string        // of the list of its resets
	LooksPath  string        // of the list of those who looked at it; empty if the member may not see it
	Actions    []staff.Action
	Caller     caller
	Done       *report // the member's last action, as in the catalogue
	typedReason

	person history.Person
	newest []history.Life
	again  time.Time // when a request for the address makes a link again; zero: now
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
	view.typedReason = s.keptReason(v)
	if view.Done, err = s.done(v, view.page, id, view.Caller); err != nil {
		return err
	}
	if view.Done != nil && view.Done.Word == "support_done_"+string(staff.RevokedAll) && view.alive() {
		view.Done = nil // the person has asked again since
	}
	return s.Renderer.HTML(v.Context, http.StatusOK, "support_account.html", view)
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
	if view.Notes, err = s.Staff.Notes(v.ctx(), id); err != nil {
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
	for _, email := range emails {
		if strings.Contains(view.other(email), "@") { // people may also ask by name
			view.Others = append(view.Others, email)
		}
	}
	if a, e := reset.ParseAddress(view.Account.Email); e == nil && !slices.Contains(emails, a.Normal) {
		emails = append(emails, a.Normal)
	}
	view.person = history.Person{UserID: view.UserID, Emails: emails, Builtin: s.Builtin}
	return err
}
