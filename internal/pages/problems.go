package pages

import (
	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/web"
)

// refusePassword adds each problem of a password to its field. A mismatch belongs to
// the field of the repeated password.
func refusePassword(page *web.Page, policy password.Policy, refused *reset.RefusedPassword) error {
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

func refuseAddress(page *web.Page, typed string) error {
	if reset.Trim(typed) == "" {
		return page.Refuse("email", "problem_address_blank")
	}
	if len(reset.Trim(typed)) > reset.MaxAddress {
		return page.Refuse("email", "problem_address_long")
	}
	return page.Refuse("email", "problem_address")
}
