package support

import (
	"regexp"
	"strconv"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/web"
)

// page is the part that all staff pages share.
type page struct {
	web.Page
	Member staff.Member
	zone   *time.Location // nil: UTC
	now    time.Time
}

// May reports whether the member may do an action.
func (p page) May(action staff.Action) bool { return staff.May(p.Member.Role, action) }

// Day returns a day of the reader in words.
func (p page) Day(t time.Time) string { return t.In(p.location()).Format("2 January 2006") }

// Number returns a number with thousands separators.
func (p page) Number(n int) string { return grouped(n) }

func (s *support) page(v visit) page {
	return page{s.Renderer.Page(v.Context), v.member, zone(v.Context), v.now}
}

// row is a reset in a list.
type row struct {
	ID        string
	At        time.Time
	Outcome   history.Outcome
	Mail      reset.MailState
	NoAccount bool // the address has no account; otherwise it was not looked up
	Email     string
	UserID    string
	UserPath  string
	AskedIP   string
	UsedIP    string
	Agent     string
}

var lineEnds = regexp.MustCompile(`@?[^@:]*:*`)

// Pieces splits an email or IP address where a line may break: before an @ and after
// a colon.
func (row) Pieces(address string) []string { return lineEnds.FindAllString(address, -1) }

func (s *support) rows(found []reset.Reset, now time.Time) []row {
	rows := make([]row, len(found))
	for i, r := range found {
		outcome, mail := became(r, now)
		rows[i] = row{
			ID: r.ID.String(), At: r.CreatedAt, Outcome: outcome, Mail: mail, NoAccount: r.Withheld == reset.WithheldNoAccount,
			Email: r.Email, UserID: r.UserID, UserPath: accountPath(r.UserID), AskedIP: r.CreatedByIP.String(), Agent: r.CreatedByAgent,
		}
		if r.UsedByIP.IsValid() {
			rows[i].UsedIP = r.UsedByIP.String()
		}
	}
	return rows
}

// became returns the outcome of a reset and, unless it is about the email, the state of
// the email beside it.
func became(r reset.Reset, now time.Time) (history.Outcome, reset.MailState) {
	switch outcome := history.OutcomeOf(r, now); outcome {
	case history.MailBounced, history.MailRefused, history.MailWaits:
		return outcome, ""
	default:
		return outcome, r.Mail
	}
}

// count returns the number of matches in words, such as "more than 1,000" if not all
// were counted.
func count(p page, found history.Page) (string, error) {
	id, n := "support_count", found.Count
	switch {
	case n > mostRows:
		return p.T("support_count_many", "Number", grouped(mostRows))
	case found.Stopped:
		id = "support_count_so_far"
	}
	return p.T(id, "Count", n, "Number", grouped(n))
}

// grouped returns a number with commas between the thousands.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// piece is a part of a sentence: text, or a time, which the browser shows in the
// reader's time zone.
type piece struct {
	Text string
	At   *when // nil: text
}
