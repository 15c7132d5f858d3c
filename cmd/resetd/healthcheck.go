package main

import (
	"fmt"

	"resetd/internal/listen"
)

type healthcheckCmd struct{}

// Run implements resetd healthcheck.
func (*healthcheckCmd) Run(in *invocation) error {
	if err := listen.Healthy(in.ctx, in.settings.Addr, in.settings.TLSCert != ""); err != nil {
		return fmt.Errorf("resetd does not answer at %s, the address in RESETD_ADDR or its default: %w", in.settings.Addr, err)
	}
	return nil
}
