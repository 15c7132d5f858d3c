package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// secretKey signs the links of a run.
var secretKey = []byte("a key that is known to this bench alone")

// server is the program under measurement.
type server struct {
	cmd     *exec.Cmd
	url     string
	started time.Duration // from start to the first answer
	client  *http.Client
}

// start runs the program on a database that is migrated already.
func start(ctx context.Context, o options, databaseURL, dir string) (*server, error) {
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	s := &server{
		cmd: exec.Command(o.binary, "serve"), // ended by stop
		url: "http://" + addr,
		client: &http.Client{
			Transport:     &http.Transport{MaxIdleConnsPerHost: o.conns, MaxConnsPerHost: o.conns},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Timeout:       time.Minute,
		},
	}
	s.cmd.Env = []string{
		"RESETD_ADDR=" + addr, "RESETD_BASE_URL=" + s.url, "RESETD_DATABASE_URL=" + databaseURL,
		"RESETD_SECRET_KEY=" + base64.StdEncoding.EncodeToString(secretKey), "RESETD_MAIL_URL=file:" + dir + "/mails",
		"RESETD_LIMIT_ADDRESS=0", "RESETD_LIMIT_IP=0", "RESETD_LIMIT_LINK=0", "RESETD_LIMIT_SIGNIN=0", "PATH=" + os.Getenv("PATH"),
	}
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for ; time.Since(began) < 30*time.Second; time.Sleep(time.Millisecond) {
		if res, err := s.client.Get(s.url + "/password-reset"); err == nil {
			s.started = time.Since(began)
			return s, res.Body.Close()
		}
	}
	s.stop()
	return nil, errors.New("the program does not answer")
}

func freeAddr(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait()
}

// memory is the program's resident memory in MiB.
func (s *server) memory() (float64, error) {
	out, err := exec.Command("ps", "-o", "rss=", "-p", strconv.Itoa(s.cmd.Process.Pid)).Output()
	if err != nil {
		return 0, fmt.Errorf("ps: %w", err)
	}
	kib, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	return kib / 1024, err
}
