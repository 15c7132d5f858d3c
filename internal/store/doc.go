// Package store keeps the record, the queue, the sessions and the accounts in
// PostgreSQL or in SQLite.
//
// Both databases run the same queries. A dialect contains the few values that
// differ. Values are normalized before they reach a database: times are in UTC and
// cut to the microsecond, IP addresses are unmapped, text is valid UTF-8 without
// NUL.
//
// All SQL goes through three helpers of package sqldb (Get, List, Run), which
// convert driver errors into the errors of package reset. A driver's message can
// contain an email address, so it is never passed on unchanged.
package store
