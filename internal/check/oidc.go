package check

import (
	"context"

	"resetd/internal/oidc"
)

// oidc looks up the provider that staff sign in at.
func (i *inspection) oidc(ctx context.Context) results {
	cfg := i.Config.OIDC
	redirect := i.Config.BaseURL.String() + oidc.CallbackPath
	if err := oidc.New(*cfg, redirect, i.Now).Check(ctx); err != nil {
		return wrong("RESETD_OIDC_ISSUER: %v; it must be the issuer exactly as in %s/.well-known/openid-configuration. While this lasts, staff sign in by password only", err, cfg.Issuer)
	}
	return ok("%s answers; register the address %s there for this client", cfg.Issuer, redirect)
}
