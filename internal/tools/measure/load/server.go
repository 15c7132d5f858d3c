package load

import (
	"context"
	"encoding/base64"
	"os"
	"time"

	"resetd/internal/testkit/instance"
	"resetd/internal/testkit/smtpsink"
)

// secretKey signs the links of a run.
var secretKey = []byte("a key that is known to this bench alone")

// server is the program under measurement, with its mail server.
type server struct {
	*instance.Instance
	sink *smtpsink.Sink
}

// start runs the program on a migrated database. The limits are counted, and too wide
// to refuse anything.
func start(ctx context.Context, o options, databaseURL, dir string) (*server, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	sink, err := smtpsink.New(dir, smtpsink.Options{Security: smtpsink.Clear, Take: func(smtpsink.Message) {}})
	if err != nil {
		return nil, err
	}
	running, err := instance.Start(ctx, o.binary, map[string]string{
		"RESETD_DATABASE_URL": databaseURL, "RESETD_MAIL_URL": sink.URL(),
		"RESETD_SECRET_KEY":    base64.StdEncoding.EncodeToString(secretKey),
		"RESETD_LIMIT_ADDRESS": "1000000/1h", "RESETD_LIMIT_IP": "100000000/1h", "RESETD_LIMIT_LINK": "0", "RESETD_LIMIT_SIGNIN": "0", "RESETD_LIMIT_SIGNIN_ACCOUNT": "0",
	}, "serve")
	if err != nil {
		sink.Close()
		return nil, err
	}
	return &server{running, sink}, nil
}

func (s *server) stop() {
	s.Stop()
	s.sink.Close()
}

// backlog returns how many deliveries are due or under way, and sent how many emails
// were accepted.
func (w *world) backlog(ctx context.Context) (n int, err error) {
	return n, w.store.Pool().Get(ctx, &n, `SELECT count(*) FROM reset_deliveries WHERE next_attempt_at IS NOT NULL`)
}

func (w *world) sent(ctx context.Context) (n int, err error) {
	return n, w.store.Pool().Get(ctx, &n, `SELECT count(*) FROM reset_deliveries WHERE sent_at IS NOT NULL`)
}

// drained waits until nothing is due, at most for a while.
func (w *world) drained(ctx context.Context, most time.Duration) error {
	for began := time.Now(); time.Since(began) < most; time.Sleep(200 * time.Millisecond) {
		if n, err := w.backlog(ctx); err != nil || n == 0 {
			return err
		}
	}
	return nil
}
