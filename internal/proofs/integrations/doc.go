// Package integrations tests resetd with real frameworks: for each a small application,
// which runs from Debian's packages, and resetd on the same database. The tests have a
// separate build tag and a separate target: make test-integrations. Those with packages from
// npm have another tag too: make test-npm.
//
// An application creates its accounts, signs people in and shows who is signed in. The
// test controls it by its environment and standard input.
package integrations
