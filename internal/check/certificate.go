package check

import (
	"context"
	"time"
)

// renewTime is how long before its end a certificate should have been renewed.
const renewTime = 14 * 24 * time.Hour

// certificate checks the certificate with which resetd speaks TLS itself.
func (i *inspection) certificate(context.Context) results {
	if i.Config.Certificate == nil {
		return nil
	}
	leaf, now := i.Config.Certificate.Leaf(), i.Now()
	day := leaf.NotAfter.UTC().Format("2006-01-02 15:04 MST")
	found := judgeKeyFile(i.TLSKey)
	switch err := leaf.VerifyHostname(i.Config.BaseURL.Hostname()); {
	case err != nil:
		return append(found, wrong("it is not for the host of RESETD_BASE_URL: %s", err)...)
	case now.After(leaf.NotAfter):
		return append(found, wrong("it ended at %s; renew it", day)...)
	case now.Before(leaf.NotBefore):
		return append(found, wrong("it begins at %s, which has not come yet; correct the clock of this machine or the certificate", leaf.NotBefore.UTC().Format("2006-01-02 15:04 MST"))...)
	case leaf.NotAfter.Sub(now) < renewTime:
		return append(found, note("it ends at %s, in less than 14 days; renew it. resetd reads the new files without a restart", day)...)
	}
	return append(found, ok("it is valid until %s", day)...)
}
