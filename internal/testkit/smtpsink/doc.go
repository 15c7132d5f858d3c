// Package smtpsink is a mail server for tests: real SMTP over a real connection
// on the loopback interface, in the test's own process. It keeps what it gets
// and misbehaves when told to.
package smtpsink
