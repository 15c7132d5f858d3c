package support

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/web"
)

type memberView struct {
	page
	Shown     staff.Member
	Condition string // word for whether the member can sign in
	LinkWorks bool
	Path      string
	Looks     string // the path of what the member did
	Roles     []staff.Role
	Role      staff.Role
	Actions   []staff.Action
	Link      string // a one-time link that was made just now
	Until     when   // which it works
	ActionsOn []staff.Entry
	Done      *report
	typedReason
}

// memberActions are the actions on the page of a member, in the order of the buttons.
var memberActions = []staff.Action{staff.MadeLink, staff.ChangedRole, staff.DisabledMember, staff.EnabledMember}

func (s *support) memberPage(v visit) error {
	if err := s.may(v, staff.ViewedMembers, v.Param("name")); err != nil {
		return err
	}
	view, err := s.memberView(v)
	if err != nil {
		return err
	}
	view.typedReason = s.keptReason(v)
	if id := s.Sessions.PopString(v.ctx(), sessionLink); id == view.Shown.Link.ID.String() && view.Shown.Active {
		view.Link = s.BaseURL + JoinPath + s.Staff.TokenOf(view.Shown).Encode()
		view.Until = view.When(view.Shown.Link.ExpiresAt)
	}
	if done := staff.Action(v.Query("done")); slices.Contains(memberActions, done) {
		view.Done = v.did(view.page, done, view.ActionsOn)
	}
	return s.Renderer.HTML(v.Context, http.StatusOK, "support_member.html", view)
}

func (s *support) memberView(v visit) (view memberView, err error) {
	view = memberView{page: s.page(v), Roles: staff.Roles}
	if view.Shown, err = s.Staff.Find(v.ctx(), v.Param("name")); errors.Is(err, reset.ErrNotFound) {
		return view, web.ErrNoPage
	}
	if err != nil {
		return view, err
	}
	m := view.Shown
	view.Condition, view.Path, view.Role = s.stateOf(v, m), memberPath(m.Name), m.Role
	view.LinkWorks = m.Link.ExpiresAt.After(v.now)
	view.Looks = activityQuery{Who: m.Name}.with(activityPath, "")
	for _, action := range memberActions {
		if !m.Provided(action) && (action == staff.EnabledMember) != m.Active {
			view.Actions = append(view.Actions, action)
		}
	}
	about := staff.Search{Targets: staff.AboutMember(m.Name), Rows: actionsMost}
	about.SetAction("members") // by commands too, which need no reason
	view.ActionsOn, err = s.Staff.Audit(v.ctx(), about)
	return view, err
}

// actOnMember runs one of the actions with the typed reason.
func (s *support) actOnMember(v visit) error {
	form, err := web.Form(v.Context, []string{"action", "reason"}, "role")
	action, reason, name := staff.Action(form["action"]), strings.TrimSpace(form["reason"]), v.Param("name")
	if err == nil && (!slices.Contains(memberActions, action) || action == staff.ChangedRole && !slices.Contains(staff.Roles, staff.Role(form["role"]))) {
		err = web.ErrBadRequest
	}
	if err != nil {
		return s.misused(v, staff.DisabledMember, name, err)
	}
	err = s.once(v, func(ctx context.Context) error {
		return s.runOnMember(ctx, v.by(reason), action, name, staff.Role(form["role"]))
	})
	if field, word := memberProblem(err); word != "" {
		return s.memberAgain(v, field, word, reason)
	}
	if errors.Is(err, reset.ErrNotFound) {
		return web.ErrNoPage
	}
	if err != nil {
		return err
	}
	if action == staff.MadeLink {
		return s.showLink(v, name)
	}
	return web.SeeOther(v.Context, memberPath(name)+"?done="+string(action))
}

func (s *support) runOnMember(ctx context.Context, by staff.Actor, action staff.Action, name string, role staff.Role) error {
	switch action {
	case staff.MadeLink:
		_, err := s.Staff.RenewLink(ctx, by, name)
		return err
	case staff.ChangedRole:
		return s.Staff.SetRole(ctx, by, name, role)
	default:
		return s.Staff.SetActive(ctx, by, name, action == staff.EnabledMember)
	}
}

func (s *support) memberAgain(v visit, field, word, typed string) error {
	view, err := s.memberView(v)
	if err != nil {
		return err
	}
	view.Reason = typed
	return s.again(v.Context, "support_member.html", &view, field, word)
}

// showLink leads to the page of a member, which shows the new link once. The session
// contains only the id of the link, which opens nothing.
func (s *support) showLink(v visit, name string) error {
	m, err := s.Staff.Find(v.ctx(), name)
	if err != nil {
		return err
	}
	s.Sessions.Put(v.ctx(), sessionLink, m.Link.ID.String())
	return web.SeeOther(v.Context, memberPath(m.Name))
}
