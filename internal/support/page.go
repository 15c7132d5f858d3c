package support

import (
	"time"

	"github.com/google/uuid"

	"resetd/internal/staff"
	"resetd/internal/web"
)

// page is the part that all staff pages share.
type page struct {
	web.Page
	Member staff.Member
	Form   string         // id of the page's forms: the same one sent twice acts once
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
	return page{s.Renderer.Page(v.Context), v.member, uuid.NewString(), zone(v.Context), v.now}
}
