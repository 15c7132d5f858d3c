package support

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"resetd/internal/staff"
	"resetd/internal/web"
)

const (
	membersPath = "/support/members"
	// sessionLink is the key of the id of a one-time link that the next page shows.
	sessionLink = "shown_link"
)

// memberRow is a member in the list.
type memberRow struct {
	staff.Member
	Path, State string
}

type membersView struct {
	page
	Members []memberRow
	Roles   []staff.Role
	Name    string // as typed
	Role    staff.Role
	typedReason
}

func memberPath(name string) string { return membersPath + "/" + url.PathEscape(name) }

// memberState is whether a member can sign in, in words, and its colour.
type memberState struct{ Text, Class string }

// State returns the words for a condition of a member.
func (p page) State(condition string) memberState {
	class := map[string]string{"active": "good", "invited": "waiting"}[condition]
	return memberState{p.plain("state_", condition), cmp.Or(class, "ended")}
}

// stateOf returns whether a member can sign in, as a word.
func (s *support) stateOf(v visit, m staff.Member) string {
	switch {
	case !m.Active:
		return "disabled"
	case m.Subject != "" && (s.Provider == nil || s.Provider.Issuer() != m.Issuer):
		return "no_provider"
	case m.PasswordHash != "" || m.Subject != "":
		return "active"
	case m.Link.ExpiresAt.After(v.now):
		return "invited"
	case m.Link == (staff.Link{}): // by disabling the member
		return "link_ended"
	default:
		return "link_expired"
	}
}

func (s *support) members(v visit) error {
	if err := s.may(v, staff.ViewedMembers, ""); err != nil {
		return err
	}
	view, err := s.membersView(v)
	if err != nil {
		return err
	}
	view.typedReason = s.keptReason(v)
	return s.Renderer.HTML(v.Context, http.StatusOK, "support_members.html", view)
}

func (s *support) membersView(v visit) (membersView, error) {
	view := membersView{page: s.page(v), Roles: staff.Roles, Role: staff.Viewer}
	all, err := s.Staff.Members(v.ctx())
	for _, m := range all {
		view.Members = append(view.Members, memberRow{m, memberPath(m.Name), s.stateOf(v, m)})
	}
	return view, err
}

// addMember makes a member, and shows the one-time link on the page of the member.
func (s *support) addMember(v visit) error {
	form, err := web.Form(v.Context, []string{"name", "role", "reason"})
	if err == nil && !slices.Contains(staff.Roles, staff.Role(form["role"])) {
		err = web.ErrBadRequest
	}
	if err != nil {
		return s.misused(v, staff.AddedMember, "", err)
	}
	name, role, reason := strings.TrimSpace(form["name"]), staff.Role(form["role"]), strings.TrimSpace(form["reason"])
	err = s.once(v, func(ctx context.Context) error {
		_, err := s.Staff.Invite(ctx, v.by(reason), name, role)
		return err
	})
	if field, word := memberProblem(err); word != "" {
		return s.membersAgain(v, field, word, name, role, reason)
	}
	if err != nil {
		return err
	}
	return s.showLink(v, name)
}

func (s *support) membersAgain(v visit, field, word, name string, role staff.Role, reason string) error {
	view, err := s.membersView(v)
	if err != nil {
		return err
	}
	view.Name, view.Role, view.Reason = name, role, reason
	return s.again(v.Context, "support_members.html", &view, field, word)
}

// memberProblem returns the word for a refused change of a member, and its field; no word
// for other errors.
func memberProblem(err error) (field, word string) {
	if errors.Is(err, staff.ErrName) || errors.Is(err, staff.ErrReserved) || errors.Is(err, staff.ErrTaken) {
		return "name", problem(err)
	}
	return "reason", problem(err)
}
