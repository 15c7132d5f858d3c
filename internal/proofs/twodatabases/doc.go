// Package twodatabases uses the built program over HTTP with the accounts in another database
// than the record.
package twodatabases
