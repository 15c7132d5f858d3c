// Package search reads the record for support staff: searches, the life of a reset,
// and the figures of the overview.
//
// One function builds the WHERE clause, and the database's planner chooses the
// index. A search without an exact key goes through the record in windows of ten
// days, newest first. So it can stop when its time is up and report how far it got.
package search
