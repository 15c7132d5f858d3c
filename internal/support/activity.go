package support

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"resetd/internal/staff"
)

// activityPath is the path of the page that shows what staff did.
const activityPath = "/support/audit"

type activityView struct {
	page
	Query   activityQuery
	Entries []auditLine
	Members []string // the names to choose from
	Groups  []staff.Group
	Withins []int
	Older   string
	Newest  string
	CSV     string
	JSON    string
	Stuck   bool // the accounts could not be searched for the person
}

// Picked reports whether a value is chosen.
func (view activityView) Picked(chosen string, value any) bool {
	switch value := value.(type) {
	case int:
		return chosen == strconv.Itoa(value) || value == 0 && chosen == ""
	case staff.Action:
		return chosen == string(value)
	default:
		return chosen == value
	}
}

func (s *support) activity(v visit) error {
	q, err := activityOf(v)
	if may := s.may(v, staff.ViewedAudit, strings.TrimPrefix(q.with("", ""), "?")); may != nil || err != nil {
		return errors.Join(may, err)
	}
	search, wrong := q.search(v.now)
	view := activityView{page: s.page(v), Query: q, Groups: staff.Groups, Withins: withins}
	if err := view.refuseAll(wrong); err != nil {
		return err
	}
	if search.Targets, view.Stuck, err = s.targets(v.ctx(), q.Whom); err != nil {
		return err
	}
	if search.After = readPosition(v.Query("before")); search.After != (staff.Position{}) {
		view.Newest = q.with(activityPath, "")
	}
	search.Rows = pageSize + 1
	entries, err := s.Staff.Audit(v.ctx(), search)
	if err != nil {
		return err
	}
	if len(entries) > pageSize {
		entries = entries[:pageSize]
		view.Older = q.with(activityPath, writePosition(entries[pageSize-1].Position()))
	}
	shown := q.without(wrong)
	view.CSV, view.JSON = shown.with(activityPath+".csv", ""), shown.with(activityPath+".json", "")
	if view.Members, err = s.names(v, q.Who); err != nil {
		return err
	}
	for _, e := range entries {
		l, err := line(view.page, e)
		if err != nil {
			return err
		}
		view.Entries = append(view.Entries, l)
	}
	return s.Renderer.HTML(v.Context, http.StatusOK, "support_audit.html", view)
}

// names returns all names that entries can have, and the chosen one.
func (s *support) names(v visit, chosen string) ([]string, error) {
	members, err := s.Staff.Members(v.ctx())
	names := []string{staff.Command, staff.Nobody}
	for _, m := range members {
		names = append(names, m.Name)
	}
	if chosen != "" && !slices.Contains(names, chosen) {
		names = append(names, chosen)
	}
	return names, err
}

// readPosition returns the zero position for an invalid text.
func readPosition(text string) staff.Position {
	at, id, _ := strings.Cut(text, ".")
	p := staff.Position{At: beforeOf(at)}
	var err error
	if p.ID, err = strconv.ParseInt(id, 10, 64); err != nil || p.ID <= 0 || p.At.IsZero() {
		return staff.Position{}
	}
	return p
}

func writePosition(p staff.Position) string {
	return strconv.FormatInt(p.At.UnixMicro(), 10) + "." + strconv.FormatInt(p.ID, 10)
}
