package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// PostgreSQL 15 keeps what it will look up in the range table, 16 and later
// beside it.
func TestWhatPostgreSQLLooksUpIsRead(t *testing.T) {
	want := wanted{{75363, 0}: {1: true, 2: true}, {75363, 2}: {2: true}, {75371, 0}: {0: true}, {75371, 3}: {0: true}}
	for version, body := range map[string]string{
		"15": `:rtable ({RANGETBLENTRY :eref {ALIAS :aliasname u :colnames ("id" "password")} :rtekind 0 :relid 75363 :relkind r :rellockmode 3 :tablesample <> :lateral false :inh true :inFromCl false :requiredPerms 6 :checkAsUser 0 :selectedCols (b 8 9) :insertedCols (b) :updatedCols (b 9) :extraUpdatedCols (b) :securityQuals <>} {RANGETBLENTRY :rtekind 0 :relid 75371 :relkind r :rellockmode 3 :tablesample <> :lateral false :inh true :inFromCl false :requiredPerms 10 :checkAsUser 0 :selectedCols (b 7) :insertedCols (b) :updatedCols (b) :extraUpdatedCols (b) :securityQuals <>})`,
		"16": `:rtable ({RANGETBLENTRY :rtekind 0 :relid 75363 :inh true :relkind r :rellockmode 3 :perminfoindex 1 :tablesample <> :lateral false :inFromCl false :securityQuals <>}) :rteperminfos ({RTEPERMISSIONINFO :relid 75363 :inh true :requiredPerms 6 :checkAsUser 0 :selectedCols (b 8 9) :insertedCols (b) :updatedCols (b 9)} {RTEPERMISSIONINFO :relid 75371 :inh true :requiredPerms 10 :checkAsUser 0 :selectedCols (b 7) :insertedCols (b) :updatedCols (b)})`,
	} {
		got := wanted{}
		got.read(body)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", version, diff)
		}
	}
}
