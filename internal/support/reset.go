package support

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/web"
)

const (
	nearMost    = 100 // the limit of the count of addresses requested from one IP address
	actionsMost = 20  // the number of staff actions that are shown
	momentsMost = 100 // the number of lines of a timeline on one page
)

type resetView struct {
	page
	Life      history.Life
	UserPath  string
	Status    string
	Verdict   [][]piece
	Flags     [][]piece
	Timeline  []moment
	Earlier   string        // URL of the page with the moments before; empty on the first page
	Later     string        // URL of the page with the moments after; empty on the last page
	ActionsOn []staff.Entry // of members, newest first
	Stored    string        // the address for a new link; empty if there is no account
	NoLink    bool          // the account may not have a link
	Notes     []staff.Entry // the newest ones about the person
	Caller    caller
	Alive     bool   // the link can be revoked
	Done      string // the member's last action, as in the catalogue
	typedReason
}

func (s *support) reset(v visit) error {
	id, err := uuid.Parse(v.Param("id"))
	if err != nil {
		return web.ErrNoPage
	}
	if err := s.may(v, staff.ViewedReset, id.String()); err != nil {
		return err
	}
	view, err := s.resetView(v, id)
	if err != nil {
		return err
	}
	view.typedReason = s.keptReason(v)
	// The URL stays in the browser and may be sent to others. So the page reports an
	// action only if this member did it.
	if by, did := map[string]string{"sent": view.Life.RequestedBy, "revoked": view.Life.RevokedBy}[v.Query("done")]; did && by == v.member.Author() {
		view.Done = "support_done_" + v.Query("done")
	}
	return s.Renderer.HTML(v.Context, http.StatusOK, "support_reset.html", view)
}

func (s *support) resetView(v visit, id reset.ID) (view resetView, err error) {
	view.page = s.page(v)
	if view.Life, err = s.life(v, id); errors.Is(err, reset.ErrNotFound) {
		return view, web.ErrNoPage
	}
	if err != nil {
		return view, err
	}
	l := view.Life
	view.UserPath = accountPath(l.UserID)
	near, err := s.History.CountAddressesNear(v.ctx(), l.CreatedByIP, l.CreatedAt, nearMost)
	if err != nil {
		return view, err
	}
	status := l.Status(v.now)
	view.Status = string(status)
	view.showMoments(timeline(l, v.now), v.Query("from"))
	view.Alive = l.Alive(v.now)
	if view.Verdict, err = sentences(view.page, l.Verdict(v.now)); err != nil {
		return view, err
	}
	if view.Flags, err = sentences(view.page, l.Flags(near)); err != nil {
		return view, err
	}
	if view.ActionsOn, err = s.Staff.ActionsOn(v.ctx(), []string{id.String()}, time.Time{}, time.Time{}, actionsMost); err != nil {
		return view, err
	}
	if l.UserID != "" {
		if view.Notes, err = s.Staff.Notes(v.ctx(), l.UserID); err != nil {
			return view, err
		}
	}
	a, err := s.stored(v, l.UserID)
	view.Stored, view.NoLink = a.Email, s.Accounts.Withholds(a) != ""
	if err == nil {
		view.Caller, err = s.caller(v, view.page, a)
	}
	return view, err
}

// life returns what happened to a reset. The application may have changed the account since
// the link was made. Then the link does not work, although nobody has tried it yet.
func (s *support) life(v visit, id reset.ID) (history.Life, error) {
	l, err := s.History.Life(v.ctx(), id)
	if err != nil || !l.Alive(v.now) {
		return l, err
	}
	if _, dead := s.Accounts.Show(v.ctx(), id); dead != nil {
		return s.History.Life(v.ctx(), id)
	}
	return l, nil
}

// showMoments sets one page of the timeline.
func (view *resetView) showMoments(all []moment, from string) {
	start, err := strconv.Atoi(from)
	if err != nil || start < 0 || start >= len(all) {
		start = 0
	}
	end := min(start+momentsMost, len(all))
	to := func(start int) string {
		return "/support/resets/" + view.Life.ID.String() + "?from=" + strconv.Itoa(start)
	}
	view.Timeline = all[start:end]
	if start > 0 {
		view.Earlier = to(max(0, start-momentsMost))
	}
	if end < len(all) {
		view.Later = to(end)
	}
}

// stored returns the account as it is now, or an empty one if it does not exist.
func (s *support) stored(v visit, userID string) (reset.Account, error) {
	if userID == "" {
		return reset.Account{}, nil
	}
	a, err := s.Accounts.Account(v.ctx(), userID)
	if errors.Is(err, reset.ErrNotFound) {
		return reset.Account{}, nil
	}
	return a, err
}
