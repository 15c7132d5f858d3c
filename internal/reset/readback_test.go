package reset_test

import (
	"strings"
	"testing"

	"resetd/internal/accounts"
	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/testkit"
)

// members is an application with its own table, and a second table of addresses.
const members = `
hash         = "argon2id"
find         = "SELECT m.id, a.email, '' AS name, password AS password_hash, active FROM members m JOIN addresses a ON a.member = m.id WHERE a.email IN ($1, $2, $3)"
get          = "SELECT id, email, '' AS name, password AS password_hash, active FROM members WHERE id = $1"
set_password = "UPDATE members SET password = $2 WHERE id = $1 AND password = $3"
after_reset  = ["UPDATE members SET stamp = {uuid} WHERE id = $1"]
`

// eachMember runs a test with the member 7, whose first address is user@example.org and
// whose second is second@example.org.
func eachMember(t *testing.T, text string, test func(w world)) {
	directory, err := accounts.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	eachWorld(t, func(w world) {
		w.db.SQL(w.T, `CREATE TABLE members (id text PRIMARY KEY, email text, password text, active boolean DEFAULT true, stamp text)`,
			`CREATE TABLE addresses (member text, email text)`,
			`INSERT INTO addresses VALUES ('7', 'user@example.org'), ('7', 'second@example.org')`)
		hash, err := w.hasher.Hash(w.Context(), password.ForReset, oldPassword)
		w.must(err)
		w.db.SQL(w.T, `INSERT INTO members (id, email, password) VALUES ('7', 'user@example.org', '`+hash+`')`)
		test(w)
	}, directory)
}

// spoil makes the application change its own row after each update.
func (w world) spoil(change string) {
	w.Helper()
	if w.db.Name == "sqlite" {
		w.db.SQL(w.T, `CREATE TRIGGER spoil AFTER UPDATE OF stamp ON members BEGIN UPDATE members SET `+change+` WHERE id = NEW.id; END`)
		return
	}
	w.db.SQL(w.T, `CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE members SET `+change+` WHERE id = NEW.id; RETURN NULL; END $$`,
		`CREATE CONSTRAINT TRIGGER spoil AFTER UPDATE OF stamp ON members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION spoil()`)
}

func (w world) member() string {
	return w.db.Text(w.T, `SELECT concat(email, ' ', password, ' ', active, ' ', stamp) FROM members`)
}

// A reset is complete only if the account has the new password and can sign in with it.
// On PostgreSQL the trigger runs at the end of the transaction.
func TestUseIsRolledBackUnlessThePasswordIsSet(t *testing.T) {
	for name, c := range map[string]struct{ change, why string }{
		"hashed again":    {`password = '$argon2id$v=19$m=19456,t=2,p=1$hnfXRBOlN/Jm+01l/age/g$PbCJmUlflN+LhQdiawwStBW1YWL1cORrZxrNYVRDprw'`, "does not match the hash"},
		"cut off":         {`password = substr(password, 1, 60)`, "does not match the hash"},
		"removed":         {`password = NULL`, "does not match the hash"},
		"deactivated":     {`active = false`, "the account is not active"},
		"another address": {`email = 'other@example.org'`, ""},
		"another id":      {`id = '8'`, "does not return the account"},
	} {
		t.Run(name, func(t *testing.T) {
			eachMember(t, strings.Replace(members, "a.email, '' AS name", "m.email, '' AS name", 1), func(w world) {
				id := w.link("user@example.org")
				before := w.member()
				w.spoil(c.change)
				err := w.resets.Use(w.Context(), id, newPassword, newPassword, testkit.Visitor)
				w.want(err, reset.ErrAccounts)
				if err == nil || !strings.Contains(err.Error(), c.why) || strings.Contains(err.Error(), "$argon2") {
					w.Errorf("got %v, want %q", err, c.why)
				}
				if after := w.member(); after != before {
					w.Errorf("not rolled back: got %s, want %s", after, before)
				}
				if _, err := w.resets.Show(w.Context(), id); err != nil {
					w.Errorf("the link: %v", err)
				}
				w.db.SQL(w.T, map[string]string{"sqlite": `DROP TRIGGER spoil`, "postgres": `DROP FUNCTION spoil CASCADE`}[w.db.Name])
				w.must(w.resets.Use(w.Context(), id, newPassword, newPassword, testkit.Visitor))
			})
		})
	}
}

// An application may store the hash in a form of its own, as long as the password
// verifies.
func TestUseAcceptsAnotherSpellingOfTheHash(t *testing.T) {
	django := strings.Replace(members, `SET password = $2 `, `SET password = 'argon2' || $2 `, 1)
	eachMember(t, django, func(w world) {
		w.must(w.resets.Use(w.Context(), w.link("user@example.org"), newPassword, newPassword, testkit.Visitor))
		if got := w.member(); !strings.Contains(got, " argon2$argon2id$") {
			w.Errorf("got %s", got)
		}
	})
}

// The address that find matched is part of the account's state, although get returns
// another one.
func TestSecondAddressOfAnAccount(t *testing.T) {
	eachMember(t, members, func(w world) {
		mails := w.mails("Second@example.org")
		if len(mails) != 1 || mails[0].Delivery.Recipient != "second@example.org" {
			w.Fatalf("got %+v", mails)
		}
		id, err := w.resets.Verify(mails[0].Token.Encode())
		w.must(err)
		w.must(w.resets.Use(w.Context(), id, newPassword, newPassword, testkit.Visitor))

		notices := w.due()
		if len(notices) != 1 || notices[0].Delivery.Recipient != "second@example.org" {
			w.Fatalf("got %+v", notices)
		}
		done, err := w.resets.Deny(w.Context(), reset.Denial{Purpose: reset.PurposeNotMyChange, ID: notices[0].Delivery.ID}, testkit.Visitor)
		w.must(err)
		if !done.Ended || !done.Link {
			w.Errorf("got %+v", done)
		}
		rescue := w.due()
		if len(rescue) != 1 || rescue[0].Delivery.Recipient != "second@example.org" {
			w.Fatalf("got %+v", rescue)
		}
		if id, err = w.resets.Verify(rescue[0].Token.Encode()); err != nil {
			w.Fatal(err)
		}
		w.db.SQL(w.T, `UPDATE addresses SET email = 'third@example.org' WHERE email = 'second@example.org'`)
		_, err = w.resets.Show(w.Context(), id)
		w.want(err, reset.ErrRevoked) // it is not the account's address any more
	})
}

// An account that several of its addresses match gets one link.
func TestAddressesThatAreEqualAreOneAccount(t *testing.T) {
	eachMember(t, members, func(w world) {
		w.db.SQL(w.T, `INSERT INTO addresses VALUES ('7', 'USER@example.org')`)
		mails := w.mails("USER@example.org")
		if len(mails) != 1 {
			w.Fatalf("got %d emails, want 1", len(mails))
		}
		id, err := w.resets.Verify(mails[0].Token.Encode())
		w.must(err)
		w.must(w.resets.Use(w.Context(), id, newPassword, newPassword, testkit.Visitor))
	})
}

// Literals, quoted names and comments of a statement are not changed, even if they look
// like parameters.
func TestStatementsKeepTheirLiterals(t *testing.T) {
	text := strings.NewReplacer(
		`password AS password_hash, active FROM members m`, `password AS password_hash, active AND password LIKE '$argon2id$v=19$%' AND '{now}' = '{' || 'now}' /* $1 */ AS active FROM members m`,
		`SET password = $2 WHERE`, `SET password = '$a' || substr($2, 3), stamp = '{uuid} $1' WHERE`,
		`SET stamp = {uuid} WHERE id = $1`, `SET \"the $1\" = {uuid} WHERE id = $1 -- and $9`,
		`WHERE id = $1"`, `WHERE id = $1 -- not $2"`,
	).Replace(members)
	eachMember(t, text, func(w world) {
		w.db.SQL(w.T, `ALTER TABLE members ADD COLUMN "the $1" text`)
		w.must(w.resets.Use(w.Context(), w.link("user@example.org"), newPassword, newPassword, testkit.Visitor))
		if got := w.db.Text(w.T, `SELECT stamp || ' ' || length("the $1") FROM members`); got != "{uuid} $1 36" {
			w.Errorf("got %s", got)
		}
	})
}
