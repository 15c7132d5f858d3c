package pages

import (
	"time"

	"resetd/internal/reset"
	"resetd/internal/web"
)

// The data of each template. A view never contains a password.

// requestView is the form that asks for an address: for a link, or to sign up.
type requestView struct {
	web.Page
	Email string // as it was typed
}

type doneView struct {
	web.Page
	Lifetime string // of a link, in words
}

type confirmView struct {
	web.Page
	Reset     string // the id of the reset that the form was made for
	Account   string // the account's name or address, to be shown
	Username  string // the account's address, for password managers
	MinLength int    // of a password, in code points
}

type completeView struct {
	web.Page
	LoginURL string
	Set      bool // this browser has just set a password
}

// invalidView contains no account, because a stranger may have the link.
type invalidView struct {
	web.Page
	Reason string // as in the catalogue, see reasonOf
	Email  string // as it was typed

	LoginURL string // if the text advises to sign in
}

type notMeView struct {
	web.Page
	Token  string // of the page itself, for its form
	Change bool   // about a changed password, not about a request
	Done   bool
	Rescue reset.Rescue // what was done about a changed password
}

type loginView struct {
	web.Page
	Email  string // as it was typed
	Next   string // a path of this site to go to, or empty
	SignUp bool   // anybody may create an account
}

type signUpConfirmView struct {
	web.Page
	Token     string // of the page itself, for its form
	Username  string // the address to sign in with
	Name      string // as it was typed
	MinLength int    // of a password, in code points
}

type accountView struct {
	web.Page
	Name  string // may be empty
	Email string
}

type changeView struct {
	web.Page
	Username  string // the account's address, for password managers
	MinLength int    // of a password, in code points
}

type mailboxView struct {
	web.Page
	Mails []mailSummary // newest first
}

type mailSummary struct {
	ID, To, Subject string
	At              time.Time // zero if the email has no date
}

type mailView struct {
	web.Page
	mailSummary
	From string
	Text []textPart
}

// textPart is a piece of a plain text, which may be a link.
type textPart struct {
	Text string
	Link bool
}
