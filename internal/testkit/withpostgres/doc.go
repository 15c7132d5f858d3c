// Command withpostgres runs a command with a PostgreSQL server of its own, which
// is gone when the command ends:
//
//	withpostgres [-durable] [-set name=value] -- go test ./...
//
// The tests need a real PostgreSQL, and nobody should have to set one up,
// share one with other work, or clean one afterwards. The command finds the
// server in RESETD_TEST_DATABASE_URL. Where that is set already, the command
// runs against that server and none is started.
//
// The exit status is the command's, 128 and the signal's number if a signal
// ended it, 127 if it could not be started, 2 for a usage error, and 1 if the
// server failed.
package main
