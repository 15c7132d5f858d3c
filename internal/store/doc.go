// Package store keeps the record, the queue, the sessions and the accounts in
// PostgreSQL or in SQLite.
//
// There is one set of queries. A dialect holds the few values in which the two
// databases differ. Values are made equal before either database sees them: times
// are in UTC, cut to the microsecond; IP addresses are unmapped; text is valid
// UTF-8 without NUL.
//
// All SQL goes through three helpers of package sqldb (Get, List, Run), which turn
// driver errors into those of package reset. A driver's message can contain an
// address, so it is never passed on as it is.
package store
