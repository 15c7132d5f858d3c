// Package reset is the life cycle of a password reset: who may have a link, for
// how long it lives, what ends it, and what stays on record afterwards.
//
// Others throw a reset away once it is used, or keep it in a table that says
// nothing of whom it was for. Here every reset is a row that stays, so the
// question "what happened to my reset?" always has an answer.
//
//	Request ──► withheld   no account, inactive, no local password, throttled:
//	    │                  a row for the record, no link ever exists
//	    ▼
//	 pending ──► used      Use: the form was sent with a good password, in time, once
//	    │  └───► expired   its time ran out; never stored, computed from ExpiresAt
//	    └──────► revoked   by the use of another link of the account, by a password
//	                       or address that changed, by its owner ("this was not
//	                       me"), or by staff
//
// Opening a link is recorded and changes nothing else: mail scanners open links
// too. A link is not stored. It is the row's random id and a keyed digest of it
// (see Token), so neither the database nor the key alone opens an account.
//
// One statement decides who wins a use (Tx.Use); the new password, the end of
// the account's sessions and other links, and the notice to its owner are in
// the same transaction. Slow work stays outside it: a password is hashed before,
// a mail is sent afterwards by a worker that derives the link anew.
//
// The package knows neither HTTP nor SQL. Store is what it needs of a database,
// and the suite in package storetest is what every database must pass.
package reset
