package web

import (
	"resetd/internal/password"
	"resetd/internal/reset"
)

// RefusePassword adds each problem of a password to its field. A mismatch belongs to
// the field of the repeated password.
func RefusePassword(page *Page, policy password.Policy, refused *reset.RefusedPassword) error {
	if refused.WrongCurrent {
		if err := page.Refuse("old_password", "problem_wrong_current"); err != nil {
			return err
		}
	}
	for _, problem := range refused.Problems {
		at := "new_password"
		if problem == password.Mismatch {
			at = "confirm_password"
		}
		if err := page.Refuse(at, "problem_"+string(problem), "Count", policy.Bound(problem)); err != nil {
			return err
		}
	}
	return nil
}
