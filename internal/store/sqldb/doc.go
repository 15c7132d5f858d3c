// Package sqldb is the foundation of all SQL: a pool of connections to
// PostgreSQL or SQLite, the helpers that run statements on it, the values that
// differ between the two databases, and the errors that they return.
//
// All SQL goes through the same helpers (Get, List, Exec, Query). They convert a
// driver's errors into those of package reset. A driver's message can contain an
// email address, so it is never passed on unchanged. Values are normalized before
// they reach a database: times are in UTC and cut to the microsecond, IP addresses
// are unmapped, text is valid UTF-8 without NUL.
package sqldb
