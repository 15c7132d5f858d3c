// Package threats holds no code, only tests: each is named after an attack that
// has hurt others, or after a promise to whoever runs the program, and makes it
// from outside, over HTTP, against the built program on both databases and with
// a real mail server.
//
// The tests beside the code know what a part promises. These know nothing of
// the parts: if one is moved, replaced or added behind the pages, the attack must
// still fail. Where an attack needs time to pass, the rows are made older
// instead, for the program keeps the real time.
package threats
