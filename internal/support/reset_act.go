package support

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/web"
)

// send sends a new link to the stored address of a reset's account.
func (s *support) send(v visit) error {
	return s.act(v, staff.SentLink, "send_reason", "sent", func(ctx context.Context, id reset.ID, reason string) (reset.ID, error) {
		return s.Staff.SendLink(ctx, v.by(reason), id, staff.Request{Shown: v.PostForm("address"), Unverified: v.PostForm("unverified") == "yes"})
	})
}

// revoke ends the link of a reset.
func (s *support) revoke(v visit) error {
	return s.act(v, staff.Revoked, "revoke_reason", "revoked", func(ctx context.Context, id reset.ID, reason string) (reset.ID, error) {
		return id, s.Staff.Revoke(ctx, v.by(reason), id)
	})
}

// act runs an action with a reason from the form, and redirects to the reset.
func (s *support) act(v visit, action staff.Action, field, done string, do func(context.Context, reset.ID, string) (reset.ID, error)) error {
	id, err := uuid.Parse(v.Param("id"))
	if err != nil {
		return web.ErrNoPage
	}
	form, err := web.Form(v.Context, []string{field}, "unverified", "address")
	if err != nil {
		return s.misused(v, action, id.String(), err)
	}
	reason := strings.TrimSpace(form[field])
	made := id
	err = s.once(v, func(ctx context.Context) (err error) {
		made, err = do(ctx, id, reason)
		return err
	})
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
	return s.again(v.Context, "support_reset.html", &view, field, problem)
}
