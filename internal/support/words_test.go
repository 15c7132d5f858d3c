package support

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"

	"resetd/internal/history"
	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/web"
	"resetd/internal/words"
	"resetd/templates"
)

// Pages build some ids from several parts, so a text search does not find them. Each
// such id must have a text, and the catalogue must not have unused ones.
func TestComposedWordsAreInTheCatalogue(t *testing.T) {
	said, lines := everyLife()
	for prefix, want := range map[string][]string{
		"status_": texts(history.Statuses),
		"reason_": texts(history.Reasons),
		"role_":   texts(staff.Roles),
		"action_": constants(t, "../staff/actions.go", "Action"),
		"event_":  lines,
		// Without a text the page shows no meaning of the text.
		"support_read_":    without(constants(t, "../history/query.go", "Kind"), string(history.Anything)),
		"unreadable_":      constants(t, "../history/query.go", "Unreadable"),
		"support_done_":    slices.Concat(texts(personActions), texts(memberActions), []string{"revoked", "sent", "mail_code", "type_code", "own_password", "own_totp"}),
		"do_":              slices.Concat(texts(personActions), texts(checkActions), texts(memberActions), []string{"staff_add"}),
		"group_":           groups(),
		"within_":          {"0", "1", "30", "7", "90"},
		"rights_":          texts(staff.Roles),
		"state_":           {"active", "disabled", "invited", "link_ended", "link_expired", "no_provider"},
		"staff_join_":      joinWords(),
		"period_":          {"30", "7", "90", "today", "yesterday"},
		"caller_was_":      {"unverified", "verified"},
		"caller_mail_":     append(constants(t, "../reset/reset.go", "MailState"), "deferred"),
		"outcome_":         outcomeSlugs(),
		"topic_":           texts(topics),
		"mailstate_":       constants(t, "../reset/reset.go", "MailState"),
		"kind_":            {"desk_check", "no_link", "password_changed", "signup_confirm", "signup_exists"},
		"notice_":          {"bounced", "ended", "failed", "sent", "waiting"},
		"joined_":          {"confirmed", "exists", "expired", "replaced", "taken", "unsent", "waiting"},
		"account_":         {"active", "deleted", "inactive", "locked"},
		"ago_":             {"days", "hours", "minutes", "now"},
		"in_":              {"days", "hours", "minutes"},
		"now_":             behind("now_", said),
		"situation_":       behind("situation_", said),
		"support_no_link_": {"inactive", "no_account", "no_password"},
		"by_":              {"account_changed", "api", "not_me", "operator", "other_link", "rescue", "staff", "user"},
		"happened_":        append(constants(t, "../reset/events.go", "EventKind"), string(reset.EventNotMe), string(reset.EventOutcomeUnknown), string(reset.EventBounced)),
		"lock_":            constants(t, "../limit/signin.go", "Scope"),
		"refused_":         {"expired", "other_link", "password", "revoked", "used"},
		"weak_":            constants(t, "../password/policy.go", "Problem"),
		"rule_":            slugs(constants(t, "../reset/scanner.go", "scannerRule")),
		"verdict_":         behind("verdict_", said),
		"flag_":            behind("flag_", said),
	} {
		slices.Sort(want)
		if diff := cmp.Diff(want, behind(prefix, catalogue(t))); diff != "" {
			t.Errorf("%s… (-composed +catalogue):\n%s", prefix, diff)
		}
	}
}

// The timeline must have a line for every kind of event.
func TestTimelineShowsEveryKindOfEvent(t *testing.T) {
	_, lines := everyLife()
	for _, kind := range constants(t, "../reset/reset.go", "EventKind") {
		if !slices.Contains(lines, kind) {
			t.Errorf("no timeline has an event %q", kind)
		}
	}
}

// Known and unknown words of the record must be readable on the pages.
func TestWordsOfTheRecordAreReadable(t *testing.T) {
	p := page{Page: web.Page{Words: english(t)}}
	tooWeak := &reset.RefusedPassword{Problems: []password.Problem{password.TooShort, password.Mismatch}}
	for m, want := range map[moment]string{
		{Word: "asked", Detail: reset.RequestedByUser}:       "through the form",
		{Word: "asked", Detail: "staff:example"}:             "by example of the staff",
		{Word: "asked", Detail: "api:portal"}:                "by the program portal",
		{Word: "asked", Detail: "newer:thing"}:               "newer:thing",
		{Word: "revoked", Detail: reset.RevokedOtherLink}:    "another link of the account was used",
		{Word: "revoked", Detail: "newer"}:                   "newer",
		{Word: "withheld", Detail: "throttled"}:              "asked too often",
		{Word: "opened_scanner", Detail: "newer rule"}:       "newer rule",
		{Word: "refused", Detail: tooWeak.Error()}:           "password refused: too short, the two were not the same",
		{Word: "refused", Detail: reset.RevokedOtherLink}:    "another link of the account had been used",
		{Word: "refused", Detail: "password refused: newer"}: "password refused: newer",
		{Word: "failed", Detail: "used"}:                     "used", // an email server's reply
		{Word: "expired"}:                                    "",
		{Word: "opened", Detail: "#16"}:                      "number 16 of its kind",
		{Word: "opened_scanner", Detail: "no agent #8"}:      "it named no browser, number 8 of its kind",
		{Word: "refused", Detail: "used #32"}:                "the link was used before, number 32 of its kind",
		{Word: "sent", Detail: "250 queued as #8"}:           "250 queued as #8", // an email server's reply
		{Word: "locked", Detail: "network"}:                  "from one network",
		{Word: "locked", Detail: "newer"}:                    "newer",
	} {
		if got := p.Detail(m); got != want {
			t.Errorf("%s %q: got %q, want %q", m.Word, m.Detail, got, want)
		}
	}
}

// Every refusal of a staff action must have a text.
func TestRefusalsOfStaffHaveTexts(t *testing.T) {
	want := []string{"no such member", "wrong password", "disabled", "wrong code", "code used before", "too many tries", "failed", "outcome unknown"}
	for _, err := range []error{
		staff.ErrForbidden, staff.ErrNoReason, staff.ErrLongReason, staff.ErrTaken, staff.ErrLastAdmin, staff.ErrNoRole, staff.ErrProvided, staff.ErrForeign, staff.ErrWithheld, staff.ErrUnverified, reset.ErrCheckOver, reset.ErrCheckMoved, reset.ErrManyChecks,
		reset.ErrUsed, reset.ErrExpired, reset.ErrOtherUsed, reset.ErrRevoked, reset.ErrNoLink, reset.ErrReceived, reset.ErrNotFound,
	} {
		want = append(want, err.Error())
	}
	want = slugs(want)
	slices.Sort(want)
	if diff := cmp.Diff(want, behind("staff_refused_", catalogue(t))); diff != "" {
		t.Errorf("(-refusals +catalogue):\n%s", diff)
	}
}

func groups() []string {
	all := []string{staff.Refusals, string(staff.Unverified)}
	for _, g := range staff.Groups {
		all = append(all, g.Name)
	}
	return all
}

// joinWords returns the ends of the texts of one-time links.
func joinWords() []string {
	all := []string{"button", "text", "title"}
	for _, reason := range []string{"expired", "incomplete", "invalid", "revoked", "unsure", "used"} {
		all = append(all, reason+"_text", reason+"_title")
	}
	return all
}

func outcomeSlugs() (all []string) {
	for _, o := range history.Outcomes {
		all = append(all, outcomeSlug(o))
	}
	return slugs(all)
}

// slugs returns texts in the form of the ends of ids.
func slugs(all []string) []string {
	for i, text := range all {
		all[i] = strings.ReplaceAll(text, " ", "_")
	}
	return all
}

// everyLife returns the ids of all messages and the words of all moments for all
// lives.
func everyLife() (said, lines []string) {
	now := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	ids, words := map[string]bool{}, map[string]bool{}
	for _, l := range lives(now) {
		for _, s := range slices.Concat(l.Verdict(now), l.Flags(100), history.Present{Newest: []history.Life{l}}.Situation(now), history.Present{Asked: 2, Newest: []history.Life{l}, Again: now.Add(time.Hour)}.Situation(now)) {
			ids[s.ID] = true
		}
		for _, m := range timeline(l, now) {
			words[m.Word] = true
		}
	}
	for _, present := range presents(now) {
		for _, s := range present.Situation(now) {
			ids[s.ID] = true
		}
	}
	return slices.Sorted(maps.Keys(ids)), slices.Sorted(maps.Keys(words))
}

func english(t *testing.T) words.Words {
	t.Helper()
	files, err := templates.Open("")
	if err != nil {
		t.Fatal(err)
	}
	c, err := words.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return c.In("en")
}

// catalogue returns the ids of the catalogue.
func catalogue(t *testing.T) []string {
	t.Helper()
	files, err := templates.Open("")
	if err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(files, "words/en.toml")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := toml.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(all))
}

// constants returns the values of a file's constants of a type.
func constants(t *testing.T, file, kind string) (values []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == kind {
			for _, v := range spec.Values {
				literal, _ := v.(*ast.BasicLit)
				text, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				values = append(values, text)
			}
		}
		return true
	})
	if len(values) == 0 {
		t.Fatalf("%s has no %s", file, kind)
	}
	return values
}

func texts[T ~string](all []T) (out []string) {
	for _, v := range all {
		out = append(out, string(v))
	}
	return out
}

// behind returns the rest of the ids with a prefix.
func behind(prefix string, ids []string) (rest []string) {
	for _, id := range ids {
		if after, found := strings.CutPrefix(id, prefix); found {
			rest = append(rest, after)
		}
	}
	return rest
}

func without(all []string, one string) []string {
	return slices.DeleteFunc(all, func(s string) bool { return s == one })
}
