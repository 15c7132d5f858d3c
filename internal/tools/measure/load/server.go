package load

import (
	"context"
	"encoding/base64"
	"net/http"
	"os"
	"time"

	"resetd/internal/testkit/instance"
)

// secretKey signs the links of a run.
var secretKey = []byte("a key that is known to this bench alone")

// server is the program under measurement.
type server struct {
	*instance.Instance
	client *http.Client
}

// start runs the program on a migrated database.
func start(ctx context.Context, o options, databaseURL, dir string) (*server, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	running, err := instance.Start(ctx, o.binary, map[string]string{
		"RESETD_DATABASE_URL": databaseURL, "RESETD_MAIL_URL": "file:" + dir + "/mails",
		"RESETD_SECRET_KEY":    base64.StdEncoding.EncodeToString(secretKey),
		"RESETD_LIMIT_ADDRESS": "0", "RESETD_LIMIT_IP": "0", "RESETD_LIMIT_LINK": "0", "RESETD_LIMIT_SIGNIN": "0",
	}, "serve")
	if err != nil {
		return nil, err
	}
	return &server{Instance: running, client: &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: o.conns, MaxConnsPerHost: o.conns},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       time.Minute,
	}}, nil
}
