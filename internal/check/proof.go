package check

import "context"

// proof tells what no check can find without a known password.
func (i *inspection) proof(context.Context) results {
	if i.broken {
		return skip("the statements don't work, see above")
	}
	return note("nothing above proves that the application accepts a new password: with a wrong prepare, pepper or RESETD_PEPPER a hash looks right, and nobody can sign in; " +
		"only `resetd check --verify` proves it, with the address and the password of one account")
}
