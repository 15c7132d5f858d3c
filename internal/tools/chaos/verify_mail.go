package main

import "fmt"

// verifyMails checks that every sent email is in the record, and that repeated emails
// have the same Message-ID.
func verifyMails(v *verdict, r record, mails []mailed) {
	known := map[string]bool{}
	for _, d := range r.deliveries {
		known[d.id] = true
	}
	seen, name := map[string]bool{}, map[string]string{}
	v.mails = len(mails)
	for _, m := range mails {
		if seen[m.id] {
			v.repeated++
		}
		seen[m.id] = true
		if !known[m.id] {
			v.mail = append(v.mail, fmt.Sprintf("mail %s to %s has no row", m.id, m.to))
		}
		if m.token == "" {
			continue
		}
		if other := name[m.token]; other != "" && other != m.id {
			v.mail = append(v.mail, fmt.Sprintf("link %s was mailed as %s and as %s", linkID(m.token), other, m.id))
		}
		name[m.token] = m.id
	}
}

// verifyDue checks that every live link, every used link and every notice was sent, and
// that every email recorded as sent was sent.
func verifyDue(v *verdict, r record, mails []mailed) {
	taken := map[string]bool{}
	for _, m := range mails {
		taken[m.id] = true
	}
	rows := map[string]row{}
	for _, x := range r.resets {
		rows[x.id] = x
	}
	has := map[string]bool{}
	for _, d := range r.deliveries {
		x := rows[d.reset]
		has[d.reset] = has[d.reset] || d.kind == "reset_link"
		dead := d.kind == "reset_link" && (x.withheld || x.used || x.revoked || x.closed)
		switch {
		case d.waiting:
			v.unsent = append(v.unsent, fmt.Sprintf("%s %s is still due", d.kind, d.id))
		case d.sent && !taken[d.id]:
			v.unsent = append(v.unsent, fmt.Sprintf("%s %s is recorded as sent, but no server accepted it", d.kind, d.id))
		case !d.sent && !dead:
			v.unsent = append(v.unsent, fmt.Sprintf("%s %s was due and is not sent", d.kind, d.id))
		}
	}
	for _, x := range r.resets {
		if !has[x.id] {
			v.unsent = append(v.unsent, fmt.Sprintf("reset %s has no delivery", x.id))
		}
	}
}
