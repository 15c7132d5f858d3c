// Package postfix tests resetd with a real mail server: the built program delivers
// through Debian's Postfix into a Maildir, and reads what Postfix returns. Postfix needs root, so the test has a separate
// build tag and a separate target: make test-postfix.
package postfix
