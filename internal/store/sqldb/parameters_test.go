package sqldb

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/lib/pq"
)

// What the driver accepts must mean the same here.
func TestURLsOfTheDriverAreAccepted(t *testing.T) {
	for _, text := range []string{
		"postgres://user:secret@db.example.org/app",
		"postgresql://user:secret@db.example.org:5433/app?sslmode=require&connect_timeout=3",
		"postgres://user@db.example.org/",
		"postgres://db.example.org",
		"postgres:///app",
		"postgres:///app?host=/var/run/postgresql&user=me",
		"postgres://user:p%2F%23%25%40%3A%20%27%5C@db.example.org/app",
		"postgres://user:a:b@c@db.example.org/app",
		"postgres://user:!$&'()*+,;=@db.example.org/app",
		"postgres://u%40example.org@127.0.0.1/a%20b%2Fc",
		"postgres://user:secret@one,two,three/app",
		"postgres://user:secret@one,two:5433/app",
		"postgres://one,two/app?port=5432,6543",
		"postgres://user:secret@db.example.org/app?search_path=resetd,public&application_name=a+b",
		"postgres://user:secret@db.example.org/app?options=-c%20search_path%3Dx",
		"postgres://user:secret@db.example.org/app#comment",
		"postgres://user:secret@db.example.org/a@b",
		"postgres://db.example.org/app?user=me@example.org",
		"postgres://[2001:db8::1]:5433/app",
		"host=db.example.org user=me password='it\\'s \\\\ here' dbname=app",
		"host = one,two port = 5432,5433 dbname = app\tuser=a\\ b",
		"user=me password= dbname=app",
		"dbname=app host=/var/run/postgresql",
		"user=m\u00fcller dbname='d\u00e4ta'",
	} {
		want, err := pq.NewConfig(text)
		if err != nil {
			t.Fatalf("%s: the driver refuses it: %v", text, err)
		}
		p, err := postgresParameters(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got, err := pq.NewConfig(p.String())
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(pq.Config{}), cmpopts.EquateComparable(want.Hostaddr)); err != nil || diff != "" {
			t.Errorf("%s: %v (-driver +got)\n%s", text, err, diff)
		}
	}
}

// PostgreSQL's own programs accept these, but the driver does not.
func TestURLsOfPostgreSQLAreAccepted(t *testing.T) {
	for text, want := range map[string]parameters{
		"postgres://user:secret@one:5432,two:5433/app":  {"user": "user", "password": "secret", "host": "one,two", "port": "5432,5433", "dbname": "app"},
		"postgres://user@one:5433,two/app":              {"user": "user", "host": "one,two", "port": "5433,5432", "dbname": "app"},
		"postgres://user@[::1]:5433,[::1]:5434/app":     {"user": "user", "host": "::1,::1", "port": "5433,5434", "dbname": "app"},
		"postgres://user@%2Fvar%2Frun%2Fpostgresql/app": {"user": "user", "host": "/var/run/postgresql", "dbname": "app"},
		"postgres://%2Ftmp:5433/app":                    {"host": "/tmp", "port": "5433", "dbname": "app"},
	} {
		got, err := postgresParameters(text)
		if err != nil || got.String() != want.String() {
			t.Errorf("%s: got %v %v, want %v", text, got, err, want)
		}
	}
}

func TestFaultyURLsNameThePart(t *testing.T) {
	for text, part := range map[string]string{
		"mysql://user:hunter2@db/app":                               "scheme",
		"Postgres://user:hunter2@db/app":                            "scheme",
		"postgres:/user:hunter2@db/app":                             "scheme",
		"user:hunter2@db/app":                                       "scheme",
		"":                                                          "scheme",
		"postgres://user:hun/ter2@db/app":                           "password",
		"postgres://user:hun#ter2@db/app":                           "password",
		"postgres://user:hun?ter2@db/app":                           "password",
		"postgres://user:hun?ter2=@db/app":                          "password",
		"postgres://user:2222/hunter2@db/app":                       "password",
		"postgres://user:2222#hunter2@db/app":                       "password",
		"postgres://user:2222?hunter2@db/app":                       "password",
		"postgres://user:hunter2%@db/app":                           "password",
		"postgres://user:hunter2%zz@db/app":                         "password",
		"postgres://user:hunter2 x@db/app":                          "password",
		"postgres://user:hunter2^x@db/app":                          "password",
		"postgres://user:hunter2\nx@db/app":                         "password",
		"postgres://user:hun@ter/2@db/app":                          "password",
		"postgres://user:hun@ter#2@db/app":                          "password",
		"postgres://us/er:hunter2@db/app":                           "user",
		"postgres://us#er:hunter2@db/app":                           "user",
		"postgres://us%er:hunter2@db/app":                           "user",
		"postgres://us er:hunter2@db/app":                           "user",
		"postgres://user:hunter2@d b/app":                           "host",
		"postgres://user:hunter2@db%zz/app":                         "host",
		"postgres://user:hunter2@[::1/app":                          "host",
		"postgres://user:hunter2@db:port/app":                       "port",
		"postgres://user:hunter2@db:70000/app":                      "port",
		"postgres://user:hunter2@one:1,two:x/app":                   "port",
		"postgres://user:hunter2@db/app%":                           "database",
		"postgres://user:hunter2@db/app?sslmode=hunter2":            "parameter sslmode",
		"postgres://user:hunter2@db/app?connect_timeout=hunter2":    "parameter connect_timeout",
		"postgres://user:hunter2@db/app?options=%zz":                "parameter options",
		"postgres://user:hunter2@db/app?a=1;b=2":                    "parameter a",
		"postgres://user:hunter2@db/app?a%20b=1":                    "name of a parameter",
		"postgres://user:hunter2@one,two,three/app?port=5432,6543":  "combination of parameters",
		"host=db password=hun ter2 user=me":                         "parameter password",
		"host=db password='hunter2":                                 "parameter password",
		"host=db password=hunter2\\":                                "parameter password",
		"host=db port=hunter2":                                      "parameter port",
		"host=db password=hunter2 sslmode=perhaps":                  "parameter sslmode",
		"host=db password=hunter2 binary_parameters=perhaps user=a": "parameter binary_parameters",
	} {
		_, err := parseSource(text, OfRecord)
		fault, ok := errors.AsType[*URLError](err)
		if !ok || fault.Part != part {
			t.Errorf("%s: got %v, want the part %s", text, err, part)
			continue
		}
		if strings.Contains(err.Error(), "hun") || strings.Contains(err.Error(), "ter2") {
			t.Errorf("%s: the error contains a part of the password: %v", text, err)
		}
	}
}

func TestOnlyServersOnThisMachineNeedNoTLS(t *testing.T) {
	for text, want := range map[string]string{
		"postgres://user@localhost/app":                          "disable",
		"postgres://user@127.0.0.1:5433/app":                     "disable",
		"postgres://user@[::1]/app":                              "disable",
		"postgres://user@%2Ftmp/app":                             "disable",
		"postgres:///app?host=/tmp":                              "disable",
		"user=me dbname=app":                                     "disable",
		"postgres://user@db.example.org/app":                     "verify-full",
		"postgres://user@localhost,db.example.org/app":           "verify-full",
		"postgres://user@db.example.org,localhost/app":           "verify-full",
		"host=localhost hostaddr=192.0.2.1 user=me":              "verify-full",
		"host=db.example.org user=me sslmode=require":            "require",
		"postgres://user@db.example.org/app?sslmode=disable":     "disable",
		"postgres://user@db.example.org/app?sslrootcert=system":  "verify-full",
		"postgres://user@localhost/app?sslmode=verify-full\n   ": "verify-full",
	} {
		t.Setenv("PGHOST", "")
		s, err := parseSource(text, OfRecord)
		if got := string(s.server.SSLMode); err != nil || got != want {
			t.Errorf("%s: sslmode %q %v, want %q", text, got, err, want)
		}
	}
}
