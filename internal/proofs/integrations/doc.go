// Package integrations holds a proof against frameworks that others wrote: for
// each a small application of its own, run from Debian's packages, with resetd
// beside it in one database. They have a build tag and a target of their own:
// make test-integrations.
//
// An application makes its accounts, signs people in and tells who they are. What
// it is asked to do comes from the test, by its environment and standard input.
package integrations
