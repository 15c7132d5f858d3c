// Package reset is the life cycle of a password reset: who may have a link, how
// long the link lives, what ends it, and what stays on record afterwards.
//
// Other services delete a reset once it is used, or keep it without its account.
// Here every reset stays as a row, so the question "what happened to my reset?"
// always has an answer.
//
//	Request ──► received ──► withheld   no account, inactive, no local password:
//	    │           │                   no link is ever made
//	    │           ▼       Match, by the worker, milliseconds later
//	    │        pending ──► used      Use: a good password was submitted in time
//	    │           │  └───► expired   never stored, computed from ExpiresAt
//	    │           └──────► revoked   another link of the account was used, the account's
//	    │                              password or address changed, its owner pressed "this
//	    │                              was not me", or staff ended the link
//	    └─────► withheld   throttled: too many requests for the address
//
// A request looks nothing up, so neither its answer nor the time of its answer
// reveals who has an account. The worker finds the account.
//
// Opening a link is recorded and changes nothing else, because mail scanners open
// links too. A link is not stored. It consists of the row's random id and a keyed
// digest of that id (see Token), so neither the database nor the key alone opens
// an account.
//
// One statement (Tx.Use) decides which of several concurrent uses wins. The same
// transaction sets the new password, ends the account's sessions and other links,
// and queues the notice to its owner. Slow work stays outside the transaction: the
// password is hashed before it, and a worker sends the email after it. The worker
// derives the link again.
//
// "This wasn't me" in the notice of a new password (see rescue) makes that password
// useless and sends the owner a link of its own kind. The record links the two resets.
//
// The package knows neither HTTP nor SQL. It reaches the database through the
// interface Store. Every database must pass the tests of package storetest.
package reset
