package support

import (
	"testing"

	"resetd/internal/limit"
)

// A page that says "locked" must not mean one network of a stranger.
func TestLockOfOneNetworkIsALockInPart(t *testing.T) {
	for _, c := range []struct {
		scopes []limit.Scope
		want   string
	}{
		{[]limit.Scope{limit.OneNetwork}, "locked_part"},
		{[]limit.Scope{limit.OneNetwork, limit.AllNetworks}, "locked_part"},
		{[]limit.Scope{limit.OneBrowser, limit.AllBrowsers}, "locked_part"},
		{[]limit.Scope{limit.AllBrowsers, limit.OneNetwork, limit.AllNetworks}, "locked"},
	} {
		var view accountView
		for _, scope := range c.scopes {
			view.Locks = append(view.Locks, limit.Lock{Scope: scope})
		}
		if got := view.Locked(); got != c.want {
			t.Errorf("%v: got %q, want %q", c.scopes, got, c.want)
		}
	}
}
