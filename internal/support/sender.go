package support

import (
	"cmp"
	"net/http"
	"strings"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/web"
)

// A sender finds a person and sends a link, and sees only that it was sent.

type findView struct {
	page
	Text   string
	Unread bool
	People people
}

// findForSender shows the people that a text finds, and no resets. Days in the text, as in
// "user@example.org today", narrow only a search for resets.
func (s *support) findForSender(v visit) error {
	text := strings.TrimSpace(v.Query("q"))
	if err := s.may(v, staff.FoundPerson, query{Text: text}.with("/support", "")); err != nil {
		return err
	}
	view := findView{page: s.page(v), Text: text}
	if text == "" {
		return s.Renderer.HTML(v.Context, http.StatusOK, "support_find.html", view)
	}
	if _, err := history.Readings(text); err != nil {
		view.Unread = true
		if err := view.refuseText(err); err != nil {
			return err
		}
		return s.Renderer.HTML(v.Context, http.StatusUnprocessableEntity, "support_find.html", view)
	}
	_, asked, err := cutDays(view.page, text, v.now)
	if err != nil {
		return err
	}
	if view.People, err = s.findPeople(v.ctx(), cmp.Or(keyIn(asked), text), true); err != nil {
		return err
	}
	if one, only := view.People.one(nil); only {
		return web.SeeOther(v.Context, one.Path)
	}
	return s.Renderer.HTML(v.Context, http.StatusOK, "support_find.html", view)
}

type sendView struct {
	page
	UserPath string
	Account  reset.Account
	NoLink   reset.Withheld
	Notes    []staff.Entry // the newest one, whose text is not shown
	Done     *report
	Caller   caller
	typedReason
}

func (s *support) sendView(v visit, id string) (view sendView, err error) {
	view = sendView{page: s.page(v), UserPath: accountPath(id)}
	if view.Account, err = s.stored(v, id); err == nil && view.Account.ID == "" {
		err = web.ErrNoPage
	}
	if err != nil {
		return view, err
	}
	view.NoLink = s.Accounts.Withholds(view.Account)
	if view.Notes, err = s.Staff.Notes(v.ctx(), id); err != nil {
		return view, err
	}
	view.Notes = view.Notes[:min(1, len(view.Notes))]
	view.Caller, err = s.caller(v, view.page, view.Account)
	return view, err
}

// accountForSender shows who a person is, and the form to send a link.
func (s *support) accountForSender(v visit, id string) error {
	if err := s.may(v, staff.FoundPerson, id); err != nil {
		return err
	}
	view, err := s.sendView(v, id)
	if err != nil {
		return err
	}
	view.typedReason = s.keptReason(v)
	if view.Done, err = s.done(v, view.page, id, view.Caller); err != nil {
		return err
	}
	return s.Renderer.HTML(v.Context, http.StatusOK, "support_send.html", view)
}

func (s *support) senderAgain(v visit, id, field, problem, typed string) error {
	view, err := s.sendView(v, id)
	if err != nil {
		return err
	}
	view.Reason = typed
	return s.again(v.Context, "support_send.html", &view, view.Caller.shown(field), problem)
}
