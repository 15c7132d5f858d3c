// Package mail puts a reset's mails into words and hands them to a mail server.
//
// A mail is made anew for each attempt: the queue holds no text and no link, so
// there is nothing in it to steal, and a retry needs nothing that was kept. The
// same mail has the same Message-ID and Date each time, so that a mail that
// went out twice (the process died between the server's yes and our note of it)
// shows up once in most inboxes.
//
//	Worker ── claims ──► reset.Service.Prepare ──► Composer ──► Transport
//	   ▲                       │                       │            │
//	   └──── settles: sent, deferred, failed, dropped ─┴────────────┘
//
// A failure is either permanent (the server said 5xx of this mail, or it can't
// be put together) or the mail waits: a server that is down, signs nobody in or
// offers no encryption loses no mail.
package mail
