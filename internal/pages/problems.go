package pages

import (
	"strings"

	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/web"
)

// refusePassword adds each problem of a password change to its field.
func refusePassword(page *web.Page, policy password.Policy, refused *reset.RefusedPassword) error {
	if refused.WrongCurrent {
		if err := page.Refuse("old_password", "problem_wrong_current"); err != nil {
			return err
		}
	}
	return refuseNew(page, policy, "new_password", refused.Problems)
}

// refuseNew adds each problem of a new password to the given field. A mismatch
// belongs to the field of the repeated password.
func refuseNew(page *web.Page, policy password.Policy, field string, problems []password.Problem) error {
	for _, problem := range problems {
		at := field
		if problem == password.Mismatch {
			at = "confirm_password"
		}
		if err := page.Refuse(at, "problem_"+string(problem), "Count", policy.Bound(problem)); err != nil {
			return err
		}
	}
	return nil
}

func refuseAddress(page *web.Page, typed string) error {
	id := "problem_address"
	if strings.TrimSpace(typed) == "" {
		id = "problem_address_blank"
	}
	return page.Refuse("email", id)
}
