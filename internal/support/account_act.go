package support

import (
	"errors"
	"slices"
	"strings"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/web"
)

// personActions are the actions on the page of a person, in the order of the buttons.
var personActions = []staff.Action{
	staff.SentLinkTo, staff.Noted, staff.RevokedAll, staff.Unlocked, staff.EndedSessions, staff.DisabledUser, staff.EnabledUser,
}

// addingActions send an email or leave an entry each time.
var addingActions = []staff.Action{staff.SentLink, staff.SentLinkTo, staff.Noted, staff.MailedCode}

// actions returns the actions that the member may do now.
func (view accountView) actions() (all []staff.Action) {
	exists := view.Account.ID != ""
	makesSense := map[staff.Action]bool{
		staff.SentLinkTo:    view.NoLink == "",
		staff.Noted:         true,
		staff.RevokedAll:    view.alive(),
		staff.Unlocked:      len(view.Locks) > 0,
		staff.EndedSessions: exists && view.Builtin && view.Account.Active,
		staff.DisabledUser:  exists && view.Builtin && view.Account.Active,
		staff.EnabledUser:   exists && view.Builtin && !view.Account.Active,
	}
	for _, action := range personActions {
		if makesSense[action] && view.May(action) {
			all = append(all, action)
		}
	}
	return all
}

// actOnPerson runs one of the actions with the typed reason.
func (s *support) actOnPerson(v visit) error {
	id, err := accountID(v)
	if err != nil {
		return err
	}
	form, err := web.Form(v.Context, []string{"action"}, "reason", "code", "unverified", "address", "form")
	action, reason := staff.Action(form["action"]), strings.TrimSpace(form["reason"])
	checks := s.Staff.Checks() != staff.ChecksOff && slices.Contains(checkActions, action)
	if err == nil && !checks && !slices.Contains(personActions, action) {
		err = web.ErrBadRequest
	}
	if err != nil {
		return s.misused(v, staff.SentLinkTo, id, err)
	}
	repeated, err := s.repeated(v, action, form["form"])
	if err == nil && !repeated {
		err = s.run(v, action, id, reason, form)
	}
	if word := problem(err); word != "" {
		return s.actOnPersonAgain(v, id, fieldOf(action, word), word, reason)
	}
	if errors.Is(err, reset.ErrNotFound) {
		return web.ErrNoPage
	}
	if err != nil {
		return err
	}
	return web.SeeOther(v.Context, accountPath(id)+"?done="+string(action))
}

func (s *support) run(v visit, action staff.Action, id, reason string, form map[string]string) (err error) {
	by := v.by(reason)
	switch action {
	case staff.SentLinkTo:
		_, err = s.Staff.SendLinkTo(v.ctx(), by, id, staff.Request{Shown: form["address"], Unverified: form["unverified"] == "yes"})
	case staff.MailedCode:
		err = s.Staff.MailCode(v.ctx(), v.by(""), id)
	case staff.TypedCode:
		err = s.Staff.TypeCode(v.ctx(), v.by(""), id, form["code"])
	case staff.RevokedAll:
		err = s.Staff.RevokeAll(v.ctx(), by, id)
	case staff.Unlocked:
		err = s.Staff.Unlock(v.ctx(), by, id)
	case staff.EndedSessions:
		err = s.Staff.EndSessions(v.ctx(), by, id)
	case staff.DisabledUser, staff.EnabledUser:
		err = s.Staff.SetUserActive(v.ctx(), by, id, action == staff.EnabledUser)
	default:
		err = s.Staff.Note(v.ctx(), by, id)
	}
	return err
}

// repeated reports whether the same form was sent before, as by a double click, or by a
// browser whose connection was cut before the answer. Of the actions that a second time
// adds something to, it lets through the first; the others may be repeated.
func (s *support) repeated(v visit, action staff.Action, form string) (bool, error) {
	if form == "" || !slices.Contains(addingActions, action) {
		return false, nil
	}
	first, err := s.Limits.First(v.ctx(), v.Request.PostForm.Encode(), reset.RepeatTime)
	return !first, err
}

// actOnPersonAgain shows the person with the problem and the typed reason.
func (s *support) actOnPersonAgain(v visit, id, field, problem, typed string) error {
	if !staff.May(v.member.Role, staff.ViewedUser) {
		return s.senderAgain(v, id, field, problem, typed)
	}
	view, err := s.accountView(v, id)
	if err != nil {
		return err
	}
	view.Reason = typed
	return s.again(v.Context, "support_account.html", &view, view.Caller.shown(field), problem)
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

// doneTime is how long a page reports an action. What it states about the account may change.
const doneTime = 2 * time.Minute

// did reports whether an action is the member's newest one of these, and succeeded just
// now. A colleague may have acted since.
func (v visit) did(action staff.Action, newestFirst []staff.Entry) bool {
	i := slices.IndexFunc(newestFirst, func(e staff.Entry) bool { return e.Member == v.member.Name })
	return i >= 0 && newestFirst[i].Action == action && newestFirst[i].Refused == "" && v.now.Sub(newestFirst[i].At) < doneTime
}

// alive reports whether a link of the account still works.
func (view accountView) alive() bool {
	return slices.ContainsFunc(view.newest, func(l history.Life) bool {
		return l.UserID == view.UserID && l.Alive(view.now)
	})
}
