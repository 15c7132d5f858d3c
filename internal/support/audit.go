package support

import (
	"net/http"
	"strconv"

	"resetd/internal/staff"
)

type auditView struct {
	page
	Entries []staff.Entry
	Older   string
}

func (s *support) audit(v visit) error {
	if err := s.may(v, staff.ViewedAudit, ""); err != nil {
		return err
	}
	before, err := strconv.ParseInt(v.Query("before"), 10, 64)
	if err != nil || before < 0 {
		before = 0 // from the newest on
	}
	entries, err := s.Staff.Audit(v.ctx(), before, pageSize+1)
	if err != nil {
		return err
	}
	view := auditView{page: s.page(v), Entries: entries}
	if len(entries) > pageSize {
		view.Entries = entries[:pageSize]
		view.Older = "/support/audit?before=" + strconv.FormatInt(entries[pageSize-1].ID, 10)
	}
	return s.Renderer.HTML(v.Context, http.StatusOK, "support_audit.html", view)
}
