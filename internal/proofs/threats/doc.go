// Package threats contains only tests. Each is named after a known attack, or after a
// promise to the operator. It attacks the built program from outside over HTTP, on
// both databases and with a real mail server. What a test inside the process can prove
// has its test there.
//
// These tests do not know the parts of the program: if a part is moved, replaced or
// added, the attack must still fail. The program uses the real time, so if an attack
// needs time to pass, the test makes the rows older.
package threats
