// Package web is the HTTP layer that all front ends of resetd share. Handlers
// return errors, and a single table maps them to pages. Forms are parsed strictly.
// Pages are rendered completely before they are sent. Every answer has headers that
// keep it private.
package web
