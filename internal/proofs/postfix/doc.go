// Package postfix holds a proof against a mail server that others wrote and run:
// the built program delivers through Debian's Postfix into a Maildir. It needs
// root, as Postfix does, so it has a build tag and a target of its own: make
// test-postfix.
package postfix
