// Package sqldb is the foundation of all SQL: a pool of connections to
// PostgreSQL or SQLite, the helpers that run statements on it, the values that
// differ between the two databases, and the errors that they return.
//
// All SQL passes the same helpers (Get, List, Exec, Query). They turn a driver's
// errors into those of package reset. A driver's own message can contain an
// address, so none is ever passed on whole. What the two databases disagree about
// is settled before a value gets there: times are in UTC and truncated to the
// microsecond, IP addresses are unmapped, text is valid UTF-8 without NUL.
package sqldb
