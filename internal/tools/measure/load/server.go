package load

import (
	"context"
	"encoding/base64"
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
// to refuse anything. take gets each email.
func start(ctx context.Context, databaseURL, dir string, take func(smtpsink.Message)) (*server, error) {
	sink, err := smtpsink.New(dir, smtpsink.Options{Security: smtpsink.Clear, Take: take})
	if err != nil {
		return nil, err
	}
	running, err := instance.Start(ctx, "bin/resetd", map[string]string{
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

// ignore is for emails that nobody looks at.
func ignore(smtpsink.Message) {}

func (s *server) stop() {
	s.Stop()
	s.sink.Close()
}

// backlog returns how many deliveries are due or under way, and sent how many emails
// were accepted.
func (w *world) backlog(ctx context.Context) (n int, err error) {
	err = w.store.Pool().Get(ctx, &n, `SELECT count(*) FROM reset_deliveries WHERE next_attempt_at IS NOT NULL`)
	return n, err
}

func (w *world) sent(ctx context.Context) (n int, err error) {
	err = w.store.Pool().Get(ctx, &n, `SELECT count(*) FROM reset_deliveries WHERE sent_at IS NOT NULL`)
	return n, err
}

// drain waits until no delivery is due, at most a minute. It returns how many were due at
// first, and how many emails were sent per second from then on.
func (w *world) drain(ctx context.Context) (waiting int, perSecond float64, err error) {
	began := time.Now()
	before, err := w.sent(ctx)
	if err != nil {
		return 0, 0, err
	}
	if waiting, err = w.backlog(ctx); err != nil {
		return 0, 0, err
	}
	for left := waiting; left > 0 && time.Since(began) < time.Minute; {
		time.Sleep(200 * time.Millisecond)
		if left, err = w.backlog(ctx); err != nil {
			return 0, 0, err
		}
	}
	took := time.Since(began)
	after, err := w.sent(ctx)
	return waiting, float64(after-before) / took.Seconds(), err
}
