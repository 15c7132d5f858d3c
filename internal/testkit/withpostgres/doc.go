// Command withpostgres starts a PostgreSQL server, runs a command, and removes the server
// when the command ends:
//
//	withpostgres [-durable] [-set name=value] -- go test ./...
//
// The tests need a real PostgreSQL. With withpostgres, nobody has to set up a server,
// share it with other work, or clean it up. The command gets the server's URL in
// RESETD_TEST_DATABASE_URL. If this variable is set already, withpostgres starts no
// server and the command uses the given one.
//
// The exit status is that of the command. It is 128 plus the signal's number if a
// signal ended the command, 127 if the command could not start, 2 for a usage error,
// and 1 if the server failed.
package main
