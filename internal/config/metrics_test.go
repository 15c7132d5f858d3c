package config

import "testing"

func TestMetricsNeedTheirOwnListener(t *testing.T) {
	for addr, wrong := range map[string]bool{"127.0.0.1:8080": true, "nonsense": true, "127.0.0.1:9464": false, "unix:/run/resetd/metrics.sock": false, "": false} {
		s := defaults(t)
		s.MetricsAddr = addr
		if _, err := Check(s, secrets(t, nil)); (err != nil) != wrong {
			t.Errorf("%q: got %v", addr, err)
		}
	}
}
