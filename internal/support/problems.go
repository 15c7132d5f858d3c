package support

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"resetd/internal/reset"
	"resetd/internal/staff"
)

// problems are the words for refused actions.
var problems = []struct {
	err  error
	word string
}{
	{staff.ErrName, "problem_member_name"},
	{staff.ErrReserved, "problem_member_reserved"},
	{staff.ErrTaken, "problem_member_taken"},
	{staff.ErrProvided, "problem_provided"},
	{staff.ErrLastAdmin, "problem_last_admin"},
	{staff.ErrNoReason, "problem_reason"},
	{staff.ErrLongReason, "problem_reason_long"},
	{staff.ErrUnverified, problemUnverified},
	{reset.ErrManyChecks, "problem_many_checks"},
	{reset.ErrWrongCode, "problem_wrong_code"},
	{reset.ErrCheckOver, "problem_check_over"},
	{reset.ErrCheckMoved, "problem_check_moved"},
	{staff.ErrForeign, "problem_foreign"},
	{reset.ErrReceived, "problem_received"},
	{reset.ErrMoved, "problem_moved"},
	{staff.ErrWithheld, "problem_no_link"},
	{reset.ErrNoLink, "problem_never_link"},
	{reset.ErrUsed, "problem_link_dead"},
	{reset.ErrExpired, "problem_link_dead"},
	{reset.ErrRevoked, "problem_link_dead"},
	{reset.ErrOtherUsed, "problem_link_dead"},
}

// problem returns the word for a refused action; empty for other errors.
func problem(err error) string {
	for _, p := range problems {
		if errors.Is(err, p.err) {
			return p.word
		}
	}
	return ""
}

// misused returns what is wrong with the form of an action. The missing right comes first
// and is recorded.
func (s *support) misused(v visit, action staff.Action, target string, wrong error) error {
	if !staff.May(v.member.Role, action) {
		return s.may(v, action, target)
	}
	return wrong
}

const problemUnverified = "problem_unverified"

// fieldOf returns the field at which the problem of a refused action is explained.
func fieldOf(a staff.Action, problem string) string {
	switch {
	case problem == problemUnverified:
		return "unverified"
	case a == staff.TypedCode && problem == "problem_wrong_code":
		return "code"
	case a == staff.TypedCode, a == staff.MailedCode:
		return "check"
	default:
		return "reason"
	}
}

// form is a page with fields. A pointer to any view is one.
type form interface {
	Refuse(field, id string, pairs ...any) error
}

// again shows a page once more, with a problem at one of its fields.
func (s *support) again(c *gin.Context, template string, view form, field, problem string) error {
	if err := view.Refuse(field, problem); err != nil {
		return err
	}
	return s.Renderer.HTML(c, http.StatusUnprocessableEntity, template, view)
}
