// Package bounce recognises emails of ours that came back. A mail server that accepted
// an email and cannot deliver it returns a delivery status notification (RFC 3464) to
// the envelope sender. That address names the delivery, with a MAC, so nobody else can
// report an email as returned: a message without a valid address is not even parsed.
package bounce
