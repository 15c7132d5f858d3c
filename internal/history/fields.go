package history

import (
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"resetd/internal/reset"
)

// field is a value of an export, under its column's name.
type field struct {
	name string
	text string // empty: no value
	json any    // nil: null
}

// resetFields returns the fields of an exported reset: all columns that are not secret,
// and three computed values.
func resetFields(r reset.Reset, now time.Time) []field {
	var fields []field
	for _, c := range reset.Columns {
		if !c.Secret {
			fields = append(fields, textField(c.Name, text(c.Field(&r))))
		}
	}
	used := !r.UsedAt.IsZero()
	return append(fields, textField("status", string(r.Status(now))), field{"was_used", strconv.FormatBool(used), used}, textField("outcome", string(OutcomeOf(r, now))))
}

// sharedFields is how many fields of an event have the name of a reset's column.
const sharedFields = 4

// eventFields returns the fields of an event of an account. The first ones have the
// names of the columns of a reset with the same meaning.
func eventFields(e reset.Event) []field {
	return []field{
		textField("created_at", text(&e.At)), textField("user_id", e.UserID),
		textField("created_by_ip", text(&e.IP)), textField("created_by_agent", e.Agent),
		textField("event", string(e.Kind)), textField("actor", e.Actor), textField("detail", e.Detail),
	}
}

// textField returns a field that is null in JSON if the text is empty.
func textField(name, text string) field {
	if text == "" {
		return field{name: name}
	}
	return field{name, text, text}
}

// text returns a field of a reset as text. Times are in RFC 3339 and UTC, with the
// stored microseconds.
func text(value any) string {
	switch v := value.(type) {
	case *time.Time:
		if v.IsZero() {
			return ""
		}
		return v.UTC().Format("2006-01-02T15:04:05.000000Z")
	case *netip.Addr:
		if !v.IsValid() {
			return ""
		}
		return v.String()
	case *string:
		return *v
	case *reset.Withheld:
		return string(*v)
	case *reset.MailState:
		return string(*v)
	case fmt.Stringer:
		return v.String()
	default:
		panic(fmt.Sprintf("history: a column of type %T", value))
	}
}
