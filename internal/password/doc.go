// Package password hashes passwords within bounded memory, and says which
// passwords are too weak.
//
// A good hash is slow and large on purpose, which makes the forms that hash the
// cheapest way to bring a service down. So all hashing passes one pool: a few at
// once, a bounded number waiting, and ErrBusy for the rest, at once and before
// any memory is taken. Sign-ins, which anyone can send, may fill only half of the
// queue; the other half is for people who set a new password.
//
//	Hash, Verify ──► queue (ForSignIn: at most half) ──► workers ──► argon2id, bcrypt, ...
//	                   └──► ErrBusy when full
//
// The accounts may be another application's, which verifies what is written here
// in its own way: a Scheme says what that is. All known formats are read, with
// any scheme.
//
// A stored hash is input like any other: its parameters are capped before they
// are obeyed, and one that cannot be read costs what a good one costs, so that
// time does not tell which accounts exist.
//
// The rules for new passwords (Policy) follow NIST SP 800-63B-4, section 3.1.1.2:
// a length, a list of common passwords, words of the person and the site, and no
// rules of composition. Every character is welcome, blanks too, and nothing is
// cut off.
package password
