package pages

import (
	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/web"
)

// refusePassword says each problem of a password at its field.
func refusePassword(page *web.Page, policy password.Policy, refused *reset.RefusedPassword) error {
	if refused.WrongCurrent {
		if err := page.Refuse("old_password", "problem_wrong_current"); err != nil {
			return err
		}
	}
	for _, problem := range refused.Problems {
		field := "new_password"
		if problem == password.Mismatch {
			field = "confirm_password"
		}
		if err := page.Refuse(field, "problem_"+string(problem), "Count", policy.Bound(problem)); err != nil {
			return err
		}
	}
	return nil
}
