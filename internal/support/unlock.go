package support

import (
	"errors"
	"net/http"
	"strings"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/web"
)

// unlock lifts the locks of an account's sign-in.
func (s *support) unlock(v visit) error {
	id, err := accountID(v)
	if err != nil {
		return err
	}
	form, err := web.Form(v.Context, []string{"unlock_reason"})
	if err != nil && !staff.May(v.member.Role, staff.Unlocked) {
		err = s.may(v, staff.Unlocked, id) // the missing right comes first and is recorded
	}
	if err != nil {
		return err
	}
	reason := strings.TrimSpace(form["unlock_reason"])
	err = s.Staff.Unlock(v.ctx(), v.member, id, reason, v.client)
	switch {
	case errors.Is(err, staff.ErrNoReason):
		return s.unlockAgain(v, id, reason)
	case errors.Is(err, reset.ErrNotFound):
		return web.ErrNoPage
	case err != nil:
		return err
	}
	return web.SeeOther(v.Context, accountPath(id)+"?done=unlocked")
}

// unlockAgain shows the account with the problem and the typed reason.
func (s *support) unlockAgain(v visit, id, typed string) error {
	view, err := s.accountView(v, id)
	if err != nil {
		return err
	}
	view.Reason = typed
	if err := view.Refuse("unlock_reason", "problem_reason"); err != nil {
		return err
	}
	return s.Renderer.HTML(v.Context, http.StatusUnprocessableEntity, "support_account.html", view)
}
