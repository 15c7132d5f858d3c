package support

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/web"
)

// send sends a new link to the stored address of a reset's account.
func (s *support) send(v visit) error {
	return s.act(v, staff.SentLink, "send_reason", "sent", func(ctx context.Context, id reset.ID, reason string) (reset.ID, error) {
		return s.Staff.SendLink(ctx, v.member, id, staff.Request{Reason: reason, Shown: v.PostForm("address"), Unverified: v.PostForm("unverified") == "yes", By: v.client})
	})
}

// revoke ends the link of a reset.
func (s *support) revoke(v visit) error {
	return s.act(v, staff.Revoked, "revoke_reason", "revoked", func(ctx context.Context, id reset.ID, reason string) (reset.ID, error) {
		return id, s.Staff.Revoke(ctx, v.member, id, reason, v.client)
	})
}

// act runs an action with a reason from the form, and redirects to the reset.
func (s *support) act(v visit, action staff.Action, field, done string, do func(context.Context, reset.ID, string) (reset.ID, error)) error {
	id, err := uuid.Parse(v.Param("id"))
	if err != nil {
		return web.ErrNoPage
	}
	form, err := web.Form(v.Context, []string{field}, "unverified", "address")
	if err != nil && !staff.May(v.member.Role, action) {
		err = s.may(v, action, id.String()) // the missing right comes first and is recorded
	}
	if err != nil {
		return err
	}
	reason := strings.TrimSpace(form[field])
	made, err := do(v.ctx(), id, reason)
	if word := problem(err); word != "" {
		return s.actAgain(v, id, field, word, reason)
	}
	if errors.Is(err, reset.ErrNotFound) {
		return web.ErrNoPage
	}
	if err != nil {
		return err
	}
	return web.SeeOther(v.Context, "/support/resets/"+made.String()+"?done="+done)
}

// actAgain shows the reset with the problem and the typed reason.
func (s *support) actAgain(v visit, id reset.ID, field, problem, typed string) error {
	view, err := s.resetView(v, id)
	if err != nil {
		return err
	}
	view.Reason = typed
	if problem == problemUnverified {
		field = "unverified"
	}
	if err := view.Refuse(field, problem); err != nil {
		return err
	}
	return s.Renderer.HTML(v.Context, http.StatusUnprocessableEntity, "support_reset.html", view)
}

// problem returns the word for a refused action; empty for other errors.
func problem(err error) string {
	switch {
	case errors.Is(err, staff.ErrNoReason):
		return "problem_reason"
	case errors.Is(err, staff.ErrLongReason):
		return "problem_reason_long"
	case errors.Is(err, staff.ErrUnverified):
		return problemUnverified
	case errors.Is(err, reset.ErrManyChecks):
		return "problem_many_checks"
	case errors.Is(err, reset.ErrWrongCode):
		return "problem_wrong_code"
	case errors.Is(err, reset.ErrCheckOver):
		return "problem_check_over"
	case errors.Is(err, staff.ErrForeign):
		return "problem_foreign"
	case errors.Is(err, reset.ErrReceived):
		return "problem_received"
	case errors.Is(err, reset.ErrMoved):
		return "problem_moved"
	case errors.Is(err, staff.ErrWithheld):
		return "problem_no_link"
	case errors.Is(err, reset.ErrNoLink):
		return "problem_never_link"
	case errors.Is(err, reset.ErrUsed), errors.Is(err, reset.ErrExpired), errors.Is(err, reset.ErrRevoked), errors.Is(err, reset.ErrOtherUsed):
		return "problem_link_dead"
	default:
		return ""
	}
}
