package history

import (
	"cmp"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"resetd/internal/reset"
)

type columns struct{ *tabwriter.Writer }

// NewTable writes aligned columns for a terminal. It needs all lines for the widths,
// so it keeps them in memory until Close.
func NewTable(w io.Writer) Writer {
	c := columns{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	_ = c.line("CREATED_AT", "STATUS", "OUTCOME", "MAIL", "EMAIL", "USER_ID", "CREATED_BY_IP", "OPENED_AT", "USED_AT", "USED_BY_IP", "ID")
	return c
}

func (c columns) line(cells ...string) error {
	_, err := io.WriteString(c.Writer, strings.Join(cells, "\t")+"\n")
	return err
}

func (c columns) Write(r reset.Reset, now time.Time) error {
	status := string(r.Status(now))
	if r.RevokedBy != "" {
		status += " (" + Printable(r.RevokedBy) + ")"
	}
	return c.line(short(r.CreatedAt), status, string(OutcomeOf(r, now)), dash(string(r.Mail)), Printable(r.Email), Printable(dash(r.UserID)), ipCell(r.CreatedByIP),
		short(r.OpenedAt), short(r.UsedAt), ipCell(r.UsedByIP), r.ID.String())
}

// WriteEvent writes the kind of the event in the column of the status.
func (c columns) WriteEvent(e reset.Event) error {
	kind := string(e.Kind)
	if e.Detail != "" {
		kind += " (" + Printable(e.Detail) + ")"
	}
	if e.Actor != reset.ActorUser {
		kind += " by " + Printable(e.Actor)
	}
	return c.line(short(e.At), kind, "-", "-", "-", Printable(dash(e.UserID)), ipCell(e.IP), "-", "-", "-", "-")
}

func (c columns) Close() error { return c.Flush() }

func short(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

func ipCell(a netip.Addr) string { return dash(text(&a)) }

func dash(s string) string { return cmp.Or(s, "-") }

// Printable escapes characters that would control a terminal.
func Printable(s string) string {
	quoted := strconv.Quote(s)
	quoted = quoted[1 : len(quoted)-1]
	return strings.ReplaceAll(strings.ReplaceAll(quoted, `\"`, `"`), `\\`, `\`)
}
