// Package password hashes passwords within bounded memory, and finds weak passwords.
//
// A good hash needs much time and memory on purpose. So an attacker can overload a
// service with forms that hash. For this reason all hashing goes through one pool: a
// few hashes run at the same time, a bounded number wait, and all others get ErrBusy
// at once, before memory is taken. Sign-ins, which anybody can send, may fill only
// half of the queue. The other half is for people who set a new password.
//
//	Hash, Verify ──► queue (ForSignIn: at most half) ──► workers ──► argon2id, bcrypt, ...
//	                   └──► ErrBusy when full
//
// The accounts may belong to another application, which must be able to verify the
// new hashes. A Scheme describes how it hashes. Stored hashes of all known formats
// are read with every scheme.
//
// A stored hash is untrusted input. Its parameters are limited before they are used.
// A hash that can't be read costs as much time as a good one, so the time does not
// reveal which accounts exist.
//
// The rules for new passwords (Policy) follow NIST SP 800-63B-4, section 3.1.1.2: a
// length, a list of common passwords and names, also with digits and symbols around
// them, dates, lines of keys, and words of the person and the site. Every character is
// allowed, including spaces, no kind of character is required, and nothing is cut off.
//
// The files format_*.go are the formats of hashes, policy_*.go the rules. storedhash.go is
// what all formats have in common, and scheme_stored.go what a scheme tells of a hash.
package password
