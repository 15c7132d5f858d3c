// Package threats contains only tests. Each is named after a known attack, or after a
// promise to the operator. It attacks the built program from outside over HTTP, on
// both databases and with a real mail server.
//
// The tests of the other packages know the parts of the program. These tests do not:
// if a part is moved, replaced or added, the attack must still fail. The program uses
// the real time, so if an attack needs time to pass, the test makes the rows older.
package threats
