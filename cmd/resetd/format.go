package main

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"resetd/internal/reset"
)

// formats are the ways to write resets.
var formats = map[string]func(io.Writer, []reset.Reset, time.Time) error{
	"table": writeTable,
	"csv":   writeCSV,
	"json":  writeJSON,
}

// record is a reset with its columns' names, and what follows from them.
// What a link is made of has no place here.
type record struct {
	ID             string  `json:"id"`
	CreatedAt      *string `json:"created_at"`
	ExpiresAt      *string `json:"expires_at"`
	UserID         *string `json:"user_id"`
	Email          *string `json:"email"`
	CreatedByIP    *string `json:"created_by_ip"`
	CreatedByAgent *string `json:"created_by_agent"`
	RequestedBy    *string `json:"requested_by"`
	Withheld       *string `json:"withheld"`
	OpenedAt       *string `json:"opened_at"`
	OpenedByIP     *string `json:"opened_by_ip"`
	UsedAt         *string `json:"used_at"`
	UsedByIP       *string `json:"used_by_ip"`
	UsedByAgent    *string `json:"used_by_agent"`
	RevokedAt      *string `json:"revoked_at"`
	RevokedBy      *string `json:"revoked_by"`
	Status         string  `json:"status"`
	WasUsed        bool    `json:"was_used"`
}

var header = []string{
	"id", "created_at", "expires_at", "user_id", "email", "created_by_ip", "created_by_agent", "requested_by", "withheld",
	"opened_at", "opened_by_ip", "used_at", "used_by_ip", "used_by_agent", "revoked_at", "revoked_by", "status", "was_used",
}

func newRecord(r reset.Reset, now time.Time) record {
	return record{
		ID: r.ID.String(), CreatedAt: moment(r.CreatedAt), ExpiresAt: moment(r.ExpiresAt),
		UserID: some(r.UserID), Email: some(r.Email),
		CreatedByIP: address(r.CreatedByIP), CreatedByAgent: some(r.CreatedByAgent), RequestedBy: some(r.RequestedBy),
		Withheld: some(string(r.Withheld)),
		OpenedAt: moment(r.OpenedAt), OpenedByIP: address(r.OpenedByIP),
		UsedAt: moment(r.UsedAt), UsedByIP: address(r.UsedByIP), UsedByAgent: some(r.UsedByAgent),
		RevokedAt: moment(r.RevokedAt), RevokedBy: some(r.RevokedBy),
		Status: string(r.Status(now)), WasUsed: !r.UsedAt.IsZero(),
	}
}

// some is nil, and so null, for an empty text.
func some(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// moment writes a time as RFC 3339 in UTC, to the microsecond that is stored.
func moment(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return some(t.UTC().Format("2006-01-02T15:04:05.000000Z"))
}

func address(a netip.Addr) *string {
	if !a.IsValid() {
		return nil
	}
	return some(a.String())
}

func writeJSON(w io.Writer, resets []reset.Reset, now time.Time) error {
	e := json.NewEncoder(w)
	for _, r := range resets {
		if err := e.Encode(newRecord(r, now)); err != nil {
			return err
		}
	}
	return nil
}

func writeCSV(w io.Writer, resets []reset.Reset, now time.Time) error {
	out := csv.NewWriter(w)
	_ = out.Write(header)
	for _, reset := range resets {
		r := newRecord(reset, now)
		cells := []string{r.ID}
		for _, p := range []*string{
			r.CreatedAt, r.ExpiresAt, r.UserID, r.Email, r.CreatedByIP, r.CreatedByAgent, r.RequestedBy, r.Withheld,
			r.OpenedAt, r.OpenedByIP, r.UsedAt, r.UsedByIP, r.UsedByAgent, r.RevokedAt, r.RevokedBy,
		} {
			cells = append(cells, defused(p))
		}
		_ = out.Write(append(cells, r.Status, strconv.FormatBool(r.WasUsed)))
	}
	out.Flush()
	return out.Error()
}

// defused keeps a spreadsheet from running a cell that somebody made up (OWASP,
// CSV Injection).
func defused(p *string) string {
	if p == nil {
		return ""
	}
	if strings.ContainsRune("=+-@\t\r", rune((*p)[0])) {
		return "'" + *p
	}
	return *p
}

func writeTable(w io.Writer, resets []reset.Reset, now time.Time) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(cells ...string) { _, _ = io.WriteString(out, strings.Join(cells, "\t")+"\n") }
	line("CREATED_AT", "STATUS", "EMAIL", "USER_ID", "CREATED_BY_IP", "OPENED_AT", "USED_AT", "USED_BY_IP", "ID")
	for _, r := range resets {
		status := string(r.Status(now))
		switch {
		case r.Withheld != "":
			status += " (" + string(r.Withheld) + ")"
		case r.RevokedBy != "":
			status += " (" + printable(r.RevokedBy) + ")"
		}
		line(short(r.CreatedAt), status, printable(r.Email), printable(dash(r.UserID)), ipCell(r.CreatedByIP),
			short(r.OpenedAt), short(r.UsedAt), ipCell(r.UsedByIP), r.ID.String())
	}
	return out.Flush()
}

func short(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

func ipCell(a netip.Addr) string {
	if !a.IsValid() {
		return "-"
	}
	return a.String()
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// printable writes what a terminal would act on as an escape.
func printable(s string) string {
	quoted := strconv.Quote(s)
	quoted = quoted[1 : len(quoted)-1]
	return strings.ReplaceAll(strings.ReplaceAll(quoted, `\"`, `"`), `\\`, `\`)
}
