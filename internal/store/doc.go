// Package store keeps the record, the queue, the sessions and the accounts in
// PostgreSQL or in SQLite.
//
// There is one set of queries. What differs between the two databases is a
// handful of values in a dialect; what they disagree about is settled before a
// value gets there: times are UTC and cut to the microsecond, addresses are
// unmapped, text is valid UTF-8 without NUL.
//
// All SQL passes one funnel (get, list, exec), which turns driver errors into
// those of package reset. A driver's own message can hold an address, so none
// is ever passed on whole.
package store
