// Package web is the plumbing of HTTP that every face of resetd shares: handlers
// return errors and one table turns them into pages; forms are read strictly;
// pages are rendered whole or not at all; each answer carries the headers that
// keep it private.
package web
