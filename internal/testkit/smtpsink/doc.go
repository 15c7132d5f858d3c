// Package smtpsink is an SMTP server for tests. It runs in the test's process and listens
// on the loopback interface. It keeps the emails that it accepts. A test adds rules to
// make it refuse an email, stall or drop the connection.
package smtpsink
