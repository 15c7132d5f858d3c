// Package drill practises a restore with the built program, and prints how long each step
// takes: make drill. Its results are in docs/operations.md.
package drill
