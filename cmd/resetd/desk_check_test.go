package main

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"resetd/internal/config"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/testkit/smtpsink"
)

func deskCheck(mode string) setting {
	return func(vars *config.Settings, _ *config.Secrets) { vars.DeskCheck = mode }
}

var sixDigits = regexp.MustCompile(`(?m)^\d{6}\r?$`)

// deskCode returns the code in the newest mail.
func (s *site) deskCode() string {
	s.Helper()
	mails := s.mails()
	code := strings.TrimSpace(sixDigits.FindString(mails[len(mails)-1].Text(s)))
	if code == "" {
		s.Fatalf("no code in the email:\n%s", mails[len(mails)-1].Text(s))
	}
	return code
}

// other returns a code that is wrong.
func other(code string) string {
	if code == "000000" {
		return "111111"
	}
	return "000000"
}

// wide replaces digits by full-width ones, as East Asian keyboards type them.
var wide = strings.NewReplacer("0", "０", "1", "１", "2", "２", "3", "３", "4", "４", "5", "５", "6", "６", "7", "７", "8", "８", "9", "９")

// A caller reads the code from the email, and the member sees only right or wrong.
func TestStaffVerifyACaller(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		path := "/support/accounts/" + a.ID
		arno := s.member("arno", staff.Agent)
		for _, member := range []*browser{s.member("sven", staff.Sender), arno} {
			s.clock.Add(20 * time.Minute) // the code of a colleague does not count any more
			member.Get(path).Is(http.StatusOK).Has("#unverified", 1).Has("#code", 0)
			// Without a check, a link needs a tick and a reason.
			p := member.Post(path, "action", "send_link_to", "reason", "she called").Is(http.StatusUnprocessableEntity)
			p.Shows("#unverified-problem", "Verify the caller first").Shows("textarea", "she called")
			before := len(s.mails())
			member.Post(path, "action", "mail_code").Is(http.StatusSeeOther).To(path + "?done=mail_code")
			code := s.deskCode()
			if mails := s.mails(); len(mails) != before+1 || !strings.Contains(strings.Join(strings.Fields(mails[before].Text(s)), " "), "until three tries were wrong") || mails[before].To[0] != "user@example.org" {
				s.Fatalf("%d emails, to %v", len(mails)-before, mails[before].To)
			}
			for name, got := range map[string]string{
				"page": member.Get(path+"?done=mail_code").Is(http.StatusOK).Shows(".done", "on its way").Body,
				"log":  s.log.String(), "deliveries": s.dump("reset_deliveries"), "checks": s.dump("reset_checks"), "audit": s.dump("reset_audit"),
			} {
				if strings.Contains(got, code) {
					s.Errorf("the %s has the code", name)
				}
			}
			member.Post(path, "action", "type_code", "code", other(code)).Is(http.StatusUnprocessableEntity).Shows("#code-problem", "not the code").Shows("#code-hint", "2 tries left")
			member.Post(path, "action", "type_code", "code", " "+wide.Replace(code[:3])+".\u200b"+code[3:]).Is(http.StatusSeeOther).To(path + "?done=type_code")
			s.accepts(a.Email, code, false)
			s.accepts(a.Email, oldPassword, true)
			member.Get(path+"?done=type_code").Is(http.StatusOK).Shows(".done", "the one that was sent").Shows(".caller", "verified").Has("#unverified", 0).Has("#code", 0)
			member.Post(path, "action", "send_link_to", "reason", "she called").Is(http.StatusSeeOther)
			s.mails()
		}
		s.stored(`SELECT count(*) FROM reset_audit WHERE action = 'send_link_to' AND caller = 'verified' AND refused = ''`, "2")
		for _, by := range []*browser{arno, s.member("bea", staff.Agent)} { // arno verified the caller, bea did not
			by.act(a.ID, "users_end_sessions", "lost the phone").Is(http.StatusSeeOther)
		}
		s.stored(`SELECT caller FROM reset_audit WHERE action = 'users_end_sessions' AND member = 'arno'`, "verified")
		s.stored(`SELECT caller FROM reset_audit WHERE action = 'users_end_sessions' AND member = 'bea'`, "")
		p := s.member("agnes", staff.Agent).Get(path).Is(http.StatusOK)
		p.Shows(".timeline", "compared the caller's code", "wrong code", "caller verified", "code to verify a caller")
		tries := 0
		for _, line := range p.Find(".timeline li").EachIter() {
			if strings.Contains(line.Text(), "compared the caller's code") {
				tries++
			}
		}
		if tries != 4 { // each of two members typed a wrong code and the right one
			s.Errorf("%d tries of the code are listed, want 4", tries)
		}
		p.Has("#unverified", 1) // another member did not hear the caller
	}, deskCheck("require"))
}

// "Who asked for the code?" One entry names the colleague, what the caller did with the code, and
// what followed, also if that is on another page of the timeline.
func TestEntryOfACodeSaysWhatFollowed(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		path := "/support/accounts/" + a.ID
		arno, bea := s.member("arno", staff.Agent), s.member("bea", staff.Agent)
		const entry = ".timeline .staff:contains('emailed a code')"
		newest := func(want string) {
			s.Helper()
			if got := bea.Get(path).Is(http.StatusOK).Find(entry).First().Text(); !strings.Contains(strings.Join(strings.Fields(got), " "), want) {
				s.Errorf("got %q, want %q in it", got, want)
			}
		}
		arno.Post(path, "action", "mail_code").Is(http.StatusSeeOther)
		newest("emailed a code to verify the caller arno nobody has typed it in")
		code := s.deskCode()
		arno.Post(path, "action", "type_code", "code", other(code)).Is(http.StatusUnprocessableEntity)
		newest("a wrong code was typed in once, and never the right one")
		s.clock.Add(time.Minute)
		arno.Post(path, "action", "type_code", "code", code).Is(http.StatusSeeOther)
		const right = "arno typed it in at 07:09:09 UTC; "
		newest(right + "no action followed")
		bea.act(a.ID, "note", "another call").Is(http.StatusSeeOther)
		newest(right + "no action followed")
		s.clock.Add(time.Minute)
		arno.act(a.ID, "users_end_sessions", "lost the phone").Is(http.StatusSeeOther)
		arno.act(a.ID, "note", "lost the phone").Is(http.StatusSeeOther)
		newest(right + "then: signed an account out everywhere (arno, 07:10:09 UTC)")
		before := strconv.FormatInt(s.clock.Now().Add(-90*time.Second).UnixMicro(), 10)
		bea.Get(path+"?kind=staff&before="+before).Is(http.StatusOK).Has(".timeline li", 2).Shows(".timeline", "then: signed an account out everywhere (arno, 07:10:09 UTC)")
		bea.Post(path, "action", "mail_code").Is(http.StatusSeeOther)
		newest("emailed a code to verify the caller bea nobody has typed it in")
	}, deskCheck("offer"))
}

// Only the newest code counts, so a double click must not end the code that arrives first.
func TestDoubleClickEmailsOneCode(t *testing.T) {
	eachSite(t, func(s *site) {
		path := "/support/accounts/" + s.user("user@example.org").ID
		arno := s.member("arno", staff.Agent)
		form := func() string { return arno.Get(path).Is(http.StatusOK).Field("form") }
		first := form()
		for range 2 {
			arno.Post(path, "action", "mail_code", "form", first).Is(http.StatusSeeOther).To(path + "?done=mail_code")
		}
		s.sent(1)
		s.stored(`SELECT count(*) FROM reset_audit WHERE action = 'mail_code'`, "1")
		arno.Post(path, "action", "mail_code", "form", form()).Is(http.StatusSeeOther)
		s.sent(2)
		s.clock.Add(2 * time.Minute)
		arno.Post(path, "action", "mail_code", "form", first).Is(http.StatusSeeOther)
		s.sent(3)
	}, deskCheck("offer"))
}

// unconfirmed are resets whose codes are emailed or not, without a confirmation by the database.
type unconfirmed struct {
	staff.Resets
	mails bool
}

func (r unconfirmed) StartCheck(ctx context.Context, userID, by string) (err error) {
	if r.mails {
		err = r.Resets.StartCheck(ctx, userID, by)
	}
	return errors.Join(err, reset.ErrUncertain)
}

// The answer is 503, and the form is sent again. A code that was emailed must not be ended by
// a second one, and the page must not speak of a code that was not.
func TestCodeThatIsNotConfirmedIsEmailedOnce(t *testing.T) {
	for _, mails := range []bool{true, false} {
		eachSite(t, func(s *site) {
			path := "/support/accounts/" + s.user("user@example.org").ID
			arno := s.member("arno", staff.Agent)
			fields := []string{"action", "mail_code", "form", arno.Get(path).Field("form")}
			s.staffWith(unconfirmed{s.app.resets, mails})
			arno.Post(path, fields...).Is(http.StatusServiceUnavailable)
			arno.Post(path, fields...).Is(http.StatusSeeOther).To(path + "?done=mail_code")
			s.staffWith(s.app.resets)
			p := arno.Get(path+"?done=mail_code").Is(http.StatusOK).Has(".done", 0)
			if !mails {
				p.Has("#code", 0).Shows("#check", "Email a code")
				s.sent(0)
				arno.Post(path, "action", "mail_code", "form", p.Field("form")).Is(http.StatusSeeOther)
			}
			s.sent(1)
			arno.Post(path, "action", "type_code", "code", s.deskCode()).To(path + "?done=type_code")
		}, deskCheck("offer"))
	}
}

// staffWith replaces the resets of the staff.
func (s *site) staffWith(resets staff.Resets) {
	s.Helper()
	keys, err := s.app.cfg.SigningKeys()
	s.must(err)
	chosen, err := s.app.memberPasswords(keys)
	s.must(err)
	replaced, err := staff.New(staff.Config{
		Store: s.app.store, Resets: resets, Passwords: s.app.hasher.Own(), New: chosen, Keys: keys, Now: s.app.now, Site: s.app.cfg.SiteName, Checks: staff.Checks(s.app.cfg.DeskCheck),
	})
	s.must(err)
	*s.app.staff = *replaced
}

// A double click counts as one try, and each of its answers tells what became of it.
func TestDoubleClickCountsOneTry(t *testing.T) {
	eachSite(t, func(s *site) {
		path, elsewhere := "/support/accounts/"+s.user("user@example.org").ID, "/support/accounts/"+s.user("other@example.org").ID
		arno := s.member("arno", staff.Agent)
		arno.Post(path, "action", "mail_code").Is(http.StatusSeeOther)
		code := s.deskCode()
		form := arno.Get(path).Is(http.StatusOK).Field("form")
		var clicks sync.WaitGroup
		for range 3 {
			clicks.Go(func() {
				arno.Post(path, "action", "type_code", "code", other(code), "form", form).Is(http.StatusUnprocessableEntity).Shows("#code-problem", "not the code")
			})
		}
		clicks.Wait()
		p := arno.Get(path).Is(http.StatusOK).Shows("#code-hint", "2 tries left")
		s.stored(`SELECT count(*) FROM reset_audit WHERE action = 'type_code' AND refused <> ''`, "1")
		// The form of one person tells nothing about the code of another one.
		arno.Post(elsewhere, "action", "mail_code").Is(http.StatusSeeOther)
		arno.Post(elsewhere, "action", "type_code", "code", other(code), "form", form)
		arno.Get(elsewhere).Is(http.StatusOK).Shows("#code-hint", "2 tries left")
		for range 2 {
			arno.Post(path, "action", "type_code", "code", code, "form", p.Field("form")).Is(http.StatusSeeOther).To(path + "?done=type_code")
		}
	}, deskCheck("offer"))
}

// A mail server that takes no email at the first attempt must not make the newest email in
// the inbox hold a code that was replaced.
func TestReplacedCodeIsNotSent(t *testing.T) {
	eachSite(t, func(s *site) {
		path := "/support/accounts/" + s.user("user@example.org").ID
		arno := s.member("arno", staff.Agent)
		s.sink.Add(smtpsink.Rule{At: smtpsink.Rcpt, Code: 451, Text: "later", Times: 2})
		for n := range 2 {
			arno.Post(path, "action", "mail_code").Is(http.StatusSeeOther)
			s.eventually("the first attempt", func() bool {
				return s.db.Text(s.T, `SELECT count(*) FROM reset_deliveries WHERE last_reply LIKE '%later%'`) == strconv.Itoa(n+1)
			})
			s.clock.Add(time.Second)
		}
		s.clock.Add(time.Minute)
		s.app.worker.Wake()
		code := s.deskCode()
		s.sent(1)
		arno.Post(path, "action", "type_code", "code", code).Is(http.StatusSeeOther)
	}, deskCheck("offer"))
}

// The email of a newer code was refused, so the caller reads the code before it, which works
// no more. Neither the email nor the page states that it is not the newest that arrived.
func TestCodeThatWasReplacedByAnUnsentOne(t *testing.T) {
	eachSite(t, func(s *site) {
		path := "/support/accounts/" + s.user("user@example.org").ID
		arno := s.member("arno", staff.Agent)
		arno.Post(path, "action", "mail_code").Is(http.StatusSeeOther)
		code := s.deskCode()
		if text := strings.Join(strings.Fields(s.last().Text(s)), " "); !strings.Contains(text, "until our help desk asks for another one") {
			s.Errorf("the email:\n%s", text)
		}
		s.clock.Add(time.Second)
		s.sink.Add(smtpsink.Rule{At: smtpsink.Rcpt, Code: 550, Text: "no"})
		arno.Post(path, "action", "mail_code").Is(http.StatusSeeOther)
		s.settled()
		arno.Post(path, "action", "type_code", "code", code).Is(http.StatusUnprocessableEntity).
			Shows("#code-problem", "not the code of the newest request, and an earlier one no longer works")
	}, deskCheck("offer"))
}

// The address changes after the code was right: the page does not say that the code went
// to the address that it shows.
func TestRightCodeIsNotReportedForANewAddress(t *testing.T) {
	eachSite(t, func(s *site) {
		path := "/support/accounts/" + s.user("user@example.org").ID
		arno, sue := s.member("arno", staff.Agent), s.member("sue", staff.Sender)
		for _, b := range []*browser{arno, sue} {
			b.Post(path, "action", "mail_code").Is(http.StatusSeeOther)
			b.Post(path, "action", "type_code", "code", s.deskCode()).To(path + "?done=type_code")
			b.Get(path+"?done=type_code").Shows(".done", "The code is right")
			s.db.SQL(s.T, `UPDATE users SET email = 'moved@example.org'`)
			b.Get(path+"?done=type_code").Is(http.StatusOK).Has(".done", 0)
			s.db.SQL(s.T, `UPDATE users SET email = 'user@example.org'`)
			s.clock.Add(time.Second)
		}
	}, deskCheck("offer"))
}

// Where callers are not verified, nobody gets an email with a code.
func TestNoCodeWithoutTheSetting(t *testing.T) {
	eachSite(t, func(s *site) {
		path, arno := "/support/accounts/"+s.user("user@example.org").ID, s.member("arno", staff.Agent)
		arno.Post(path, "action", "mail_code").Is(http.StatusBadRequest)
		arno.Post(path, "action", "type_code", "code", "000000").Is(http.StatusBadRequest)
		s.sent(0)
	})
}

// Whoever read the code at one address is not known to read the emails at another one.
func TestCallerIsVerifiedForOneAddress(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		path := "/support/accounts/" + a.ID
		move := func(to string) { s.db.SQL(s.T, `UPDATE users SET email = '`+to+`@example.org'`) }
		arno := s.member("arno", staff.Agent)
		arno.Post(path, "action", "mail_code").Is(http.StatusSeeOther)
		code := s.deskCode()
		move("stranger")
		for _, typed := range []string{code, other(code)} {
			arno.Post(path, "action", "type_code", "code", typed).Is(http.StatusUnprocessableEntity).Shows("#check-problem", "The address of the account has changed since the code was emailed")
		}
		arno.Get(path).Is(http.StatusOK).Lacks("arno typed it in").Shows(".timeline", "a code was typed in, and the answer was: the address had changed since the code was emailed")
		move("user")
		arno.Post(path, "action", "type_code", "code", code).Is(http.StatusSeeOther)
		move("stranger")
		arno.Get(path).Is(http.StatusOK).Has("#unverified", 1)
		arno.Post(path, "action", "send_link_to", "reason", "she called").Is(http.StatusUnprocessableEntity).Shows("#unverified-problem", "Verify the caller first")
	}, deskCheck("require"))
}

func TestCodeEndsAfterThreeTriesAndTenMinutes(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		path := "/support/accounts/" + a.ID
		arno := s.member("arno", staff.Agent)
		arno.Post(path, "action", "mail_code").Is(http.StatusSeeOther)
		code := s.deskCode()
		for _, at := range []string{"code", "code", "check"} { // after the last try, the field for the code is gone
			p := arno.Post(path, "action", "type_code", "code", other(code)).Is(http.StatusUnprocessableEntity)
			p.Shows("#"+at+"-problem", "not the code").Has(`.summary a[href="#`+at+`"]`, 1).Has("#"+at, 1)
		}
		arno.Post(path, "action", "type_code", "code", code).Is(http.StatusUnprocessableEntity).Shows("#check-problem", "No code can be typed any more")
		arno.Post(path, "action", "mail_code").Is(http.StatusSeeOther)
		code = s.deskCode()
		s.clock.Add(10 * time.Minute)
		arno.Post(path, "action", "type_code", "code", code).Is(http.StatusUnprocessableEntity).Shows("#check-problem", "No code can be typed any more")
		arno.Get(path).Is(http.StatusOK).Lacks("arno typed it in").Shows(".timeline", "a code was typed in, and the answer was: no code could be typed any more")
		for range 3 {
			arno.Post(path, "action", "mail_code").Is(http.StatusSeeOther)
		}
		arno.Post(path, "action", "mail_code").Is(http.StatusUnprocessableEntity).Shows("#check-problem", "Too many codes were requested")
	}, deskCheck("offer"))
}

// With offer, a link needs neither a check nor a tick, but a skipped check is marked like
// with require: a team lead has to see it before something goes wrong.
func TestSkippedCheckIsMarked(t *testing.T) {
	for mode, want := range map[string]string{"offer": "unverified", "require": "unverified", "off": ""} {
		eachSite(t, func(s *site) {
			a := s.user("user@example.org")
			path := "/support/accounts/" + a.ID
			arno := s.member("arno", staff.Agent)
			for _, b := range []*browser{arno, s.member("vera", staff.Viewer), s.member("sue", staff.Sender)} {
				b.Get(path).Is(http.StatusOK).Shows("main", "Anybody can call and claim to be this person")
			}
			if said := strings.Contains(arno.Get(path).Find(".act").Text(), "sent without this check"); said != (mode == "offer") {
				s.Errorf("%s: the page says that a skipped check is shown: %t", mode, said)
			}
			arno.Post(path, "action", "send_link_to", "reason", "known by voice", "unverified", "yes").Is(http.StatusSeeOther)
			s.mails()
			s.stored(`SELECT caller FROM reset_audit WHERE action = 'send_link_to'`, want)
			made := s.resets()[0].ID.String()
			p := arno.Post("/support/resets/"+made+"/send", "send_reason", "again")
			ada := s.member("ada", staff.Admin)
			switch mode {
			case "off":
				p.Is(http.StatusSeeOther)
				ada.Get("/support/overview").Is(http.StatusOK).Has("main .bad", 0)
				return
			case "offer":
				p.Is(http.StatusSeeOther)
				ada.Get("/support/overview").Is(http.StatusOK).Shows("main .bad", "2")
			default:
				p.Is(http.StatusUnprocessableEntity).Shows("#unverified-problem", "Verify the caller first")
			}
			ada.Get("/support/audit?what=unverified").Is(http.StatusOK).Shows("tbody", "known by voice", "caller not verified")
		}, deskCheck(mode))
	}
}

// A viewer can't send codes, and the refusal is recorded.
func TestViewerVerifiesNobody(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		vera := s.member("vera", staff.Viewer)
		vera.Get("/support/accounts/"+a.ID).Is(http.StatusOK).Has(".caller", 0)
		vera.Post("/support/accounts/"+a.ID, "action", "mail_code").Is(http.StatusForbidden)
		if got := s.db.Text(s.T, `SELECT count(*) FROM reset_audit WHERE action = 'mail_code' AND refused <> ''`); got != "1" || len(s.mails()) != 0 {
			s.Errorf("%s refusals, %d emails", got, len(s.mails()))
		}
	}, deskCheck("require"))
}
