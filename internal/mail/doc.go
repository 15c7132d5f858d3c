// Package mail writes emails and hands them to a mail server.
//
// An email is written again for each attempt. The queue contains neither text nor
// links, so nothing in it can be stolen. All attempts use the same Message-ID and
// Date. If an email is sent twice (the process died after the server accepted it
// and before the outcome was stored), most inboxes show it once.
//
//	Worker ── leases ──► reset.Service.Prepare ──► Composer ──► Transport
//	   ▲                       │                       │            │
//	   └──── settles: sent, deferred, failed, dropped ─┴────────────┘
//
// A failure is permanent if the server answers 5xx to this email or if the email
// can't be written. After any other failure the email waits. So no email is lost
// while the server is down, refuses the sign-in or offers no encryption.
//
// The files worker_*.go take emails from the queue, compose_*.go write them, smtp_*.go and
// transport_*.go hand them over, and probe*.go are for resetd check and mail test.
package mail
