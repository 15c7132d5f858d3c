package support

import (
	"context"
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
	form, err := web.Form(v.Context, []string{"action"}, "reason", "code", "unverified", "address")
	action, reason := staff.Action(form["action"]), strings.TrimSpace(form["reason"])
	checks := s.Staff.Checks() != staff.ChecksOff && slices.Contains(checkActions, action)
	if err == nil && !checks && !slices.Contains(personActions, action) {
		err = web.ErrBadRequest
	}
	if err != nil {
		return s.misused(v, staff.SentLinkTo, id, err)
	}
	switch action {
	case staff.MailedCode:
		err = s.mailCode(v, id)
	case staff.TypedCode:
		err = s.typeCode(v, id, form["code"])
	default:
		err = s.once(v, func(ctx context.Context) error { return s.run(ctx, v, action, id, reason, form) })
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

func (s *support) run(ctx context.Context, v visit, action staff.Action, id, reason string, form map[string]string) (err error) {
	by := v.by(reason)
	switch action {
	case staff.SentLinkTo:
		_, err = s.Staff.SendLinkTo(ctx, by, id, staff.Request{Shown: form["address"], Unverified: form["unverified"] == "yes"})
	case staff.RevokedAll:
		err = s.Staff.RevokeAll(ctx, by, id)
	case staff.Unlocked:
		err = s.Staff.Unlock(ctx, by, id)
	case staff.EndedSessions:
		err = s.Staff.EndSessions(ctx, by, id)
	case staff.DisabledUser, staff.EnabledUser:
		err = s.Staff.SetUserActive(ctx, by, id, action == staff.EnabledUser)
	default:
		err = s.Staff.Note(ctx, by, id)
	}
	return err
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

// report is what the member did just now. Its text is in the past, and its time is beside it,
// because anybody may have changed the same thing since: a colleague, a command, the application.
type report struct {
	Word string
	At   when
}

// done returns the action that the page reports. The URL stays in the browser and may be sent
// to others, so only the member who did it sees the report.
func (s *support) done(v visit, p page, id string, c caller) (*report, error) {
	action := staff.Action(v.Query("done"))
	if !slices.Contains(personActions, action) && !slices.Contains(checkActions, action) || action == staff.MailedCode && !c.onItsWay() || action == staff.TypedCode && c.Verified == nil {
		return nil, nil //nolint:nilnil // there is nothing to report
	}
	last, err := s.Staff.ActionsOn(v.ctx(), []string{id}, v.now.Add(-doneTime), time.Time{}, actionsMost)
	return v.did(p, action, last), err
}

// doneTime is how long a page reports an action.
const doneTime = 2 * time.Minute

// did returns the report on an action, if it is the member's newest one of these, and
// succeeded just now.
func (v visit) did(p page, action staff.Action, newestFirst []staff.Entry) *report {
	i := slices.IndexFunc(newestFirst, func(e staff.Entry) bool { return e.Member == v.member.Name })
	if i < 0 || newestFirst[i].Action != action || newestFirst[i].Refused != "" || v.now.Sub(newestFirst[i].At) >= doneTime {
		return nil
	}
	return &report{"support_done_" + string(action), p.When(newestFirst[i].At)}
}

// alive reports whether a link of the account still works.
func (view accountView) alive() bool {
	return slices.ContainsFunc(view.newest, func(l history.Life) bool {
		return l.UserID == view.UserID && l.Alive(view.now)
	})
}
