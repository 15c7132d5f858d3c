package check

import "context"

// breaches tries the source of breached passwords.
func (i *inspection) breaches(ctx context.Context) results {
	from := i.Config.Breached
	if from == nil {
		return note("new passwords are not compared with those of known data breaches; set RESETD_PASSWORD_BREACHED to the address of a range service, such as https://api.pwnedpasswords.com/range/, or to a downloaded file of hashes")
	}
	words, complete, err := from.Check(ctx)
	effect := "new passwords are accepted unchecked; to refuse them set RESETD_PASSWORD_BREACHED_FAIL=closed"
	if from.FailsClosed() {
		effect = "nobody can set a password"
	}
	switch {
	case err != nil:
		return wrong("RESETD_PASSWORD_BREACHED: %v; while this lasts, %s", err, effect)
	case !complete:
		return note(`%s; it does not contain "password", the most common one, so it is not complete`, words)
	}
	return ok("%s; if it fails, %s", words, effect)
}
