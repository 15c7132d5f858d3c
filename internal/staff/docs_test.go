package staff_test

import (
	"os"
	"strings"
	"testing"

	"resetd/internal/staff"
)

// documented are the actions of each row of the table in docs/support.md, by its first
// words.
var documented = map[string][]staff.Action{
	"sign in":         {staff.SignedIn, staff.SignedOut, staff.ChangedOwnPassword, staff.ChangedOwnTOTP},
	"find a person":   {staff.FoundPerson},
	"search":          {staff.Searched, staff.ViewedReset, staff.ViewedUser, staff.ViewedTotals, staff.Exported},
	"send a link":     {staff.SentLink, staff.SentLinkTo},
	"verify a caller": {staff.MailedCode, staff.TypedCode},
	"end links":       {staff.Revoked, staff.RevokedAll, staff.Unlocked, staff.EndedSessions, staff.DisabledUser, staff.EnabledUser, staff.Noted},
	"manage":          {staff.ViewedMembers, staff.AddedMember, staff.DisabledMember, staff.EnabledMember, staff.ChangedRole, staff.MadeLink},
	"read and":        {staff.ViewedAudit, staff.ExportedAudit},
}

// The table of rights in the documentation must be the one of the code.
func TestRightsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/support.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for line := range strings.Lines(string(text)) {
		for words, actions := range documented {
			if !strings.HasPrefix(line, "| "+words) {
				continue
			}
			found++
			cells := strings.Split(line, "|")[2:]
			for i, role := range staff.Roles {
				for _, action := range actions {
					if says := strings.TrimSpace(cells[i]) == "yes"; says != staff.May(role, action) {
						t.Errorf("%q by %s: documented %t, want %t", action, role, says, !says)
					}
				}
			}
		}
	}
	if found != len(documented) {
		t.Errorf("%d rows of the table, want %d", found, len(documented))
	}
}
