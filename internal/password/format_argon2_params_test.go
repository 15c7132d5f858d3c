package password

import (
	"strings"
	"testing"
)

func TestParams(t *testing.T) {
	const huge = 1 << 31
	for _, c := range []struct {
		params        Params
		stored, fresh bool // accepted for a stored hash, for a new hash
	}{
		{OWASP, true, true},
		{Params{47104, 1, 1}, true, true},
		{Params{47103, 1, 1}, true, false},
		{Params{19455, 2, 1}, true, false},
		{Params{12288, 3, 1}, true, true},
		{Params{9216, 4, 1}, true, true},
		{Params{7168, 5, 1}, true, true},
		{Params{7168, 100, 1}, true, true},
		{Params{7167, 100, 1}, true, false},
		{Params{102400, 2, 8}, true, true},
		{Params{MaxMemoryKiB, 16, MaxThreads}, true, true},
		{Params{MaxMemoryKiB, 17, 1}, false, false},
		{Params{MaxMemoryKiB + 1, 1, 1}, false, false},
		{Params{4194304, 1, 1}, false, false},
		{Params{huge, huge, 1}, false, false}, // the product must not overflow
		{Params{19456, 2, MaxThreads + 1}, false, false},
		{Params{8, 1, 1}, true, false},
		{Params{15, 1, 2}, false, false}, // RFC 9106: 8 KiB for each thread
		{Params{19456, 0, 1}, false, false},
		{Params{19456, 2, 0}, false, false},
		{Params{}, false, false},
	} {
		if err := c.params.check(); (err == nil) != c.stored {
			t.Errorf("%+v.check() = %v, want good: %t", c.params, err, c.stored)
		}
		if err := c.params.checkNew(); (err == nil) != c.fresh {
			t.Errorf("%+v.checkNew() = %v, want good: %t", c.params, err, c.fresh)
		} else if err != nil && strings.Contains(err.Error(), "memory") && c.stored && !strings.Contains(err.Error(), "MiB") {
			t.Errorf("%+v.checkNew() = %v, want the unit of the setting", c.params, err)
		}
	}
}
