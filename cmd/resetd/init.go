package main

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"resetd/internal/config"
	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// The folder of the package's settings, and that of its data.
const (
	packagedSettings = "/etc/resetd"
	packagedData     = "/var/lib/resetd"
)

type initCmd struct {
	File     string `arg:"" optional:"" help:"File to write. Default: /etc/resetd/resetd.env if that folder exists, else resetd.env."`
	Template bool   `help:"Print a file that explains every setting, and ask nothing."`
}

// Run implements resetd init.
func (cmd *initCmd) Run(in *invocation) error {
	if cmd.Template {
		_, err := fmt.Fprint(in.stdout, config.Template())
		return err
	}
	s := setup{in: in, file: cmd.File, database: config.DefaultDatabaseURL, answers: bufio.NewReader(in.stdin)}
	if info, err := os.Stat(packagedSettings); cmd.File == "" && err == nil && info.IsDir() {
		s.file, s.database = filepath.Join(packagedSettings, "resetd.env"), "sqlite:"+filepath.Join(packagedData, "resetd.db")
	} else if cmd.File == "" {
		s.file = "resetd.env"
	}
	return s.run()
}

// setup asks for settings and writes them to a file.
type setup struct {
	in       *invocation
	file     string
	database string // if the answer is empty
	answers  *bufio.Reader
	text     string // of the file
}

func (s *setup) run() error {
	old, err := os.ReadFile(s.file)
	missing := errors.Is(err, fs.ErrNotExist)
	switch values, unread := config.ReadFile(s.file); {
	case missing, err == nil && len(old) == 0: // made with its owner and mode
		old = []byte(config.Template())
	case err != nil:
		return fmt.Errorf("%w; nothing was written: become the user who may read it, or name another file", err)
	case unread != nil || len(values) > 0:
		return fmt.Errorf("%s has settings already, so nothing was written: change it by hand, or name another file", s.file)
	}
	s.text = string(old)
	if err := s.fill(missing); err != nil {
		return err
	}
	s.say("\nWrote %s, which only %s can read: it contains secrets.\n\n", s.file, s.readers())
	checked := s.invocation(s.in.environ, "--config", s.file, "check")
	if _, _, err := checked.parse(); err != nil {
		return err
	}
	s.next((&checkCmd{fresh: true}).Run(checked) == nil)
	return nil
}

// fill asks the questions and writes the file. It opens the file before, so that nobody
// answers in vain, and does not keep one that it made if an answer is missing.
func (s *setup) fill(missing bool) error {
	flags := os.O_WRONLY
	if missing {
		flags |= os.O_CREATE | os.O_EXCL
	}
	file, err := os.OpenFile(s.file, flags, 0o600)
	if err != nil {
		return fmt.Errorf("%w; nothing was written: name a file in a folder in which you may write, or become the user who may", err)
	}
	defer func() { _ = file.Close() }()
	if err = s.ask(); err == nil {
		_, err = file.WriteString(s.text)
		err = errors.Join(err, file.Truncate(int64(len(s.text))), file.Sync())
	}
	if err != nil && missing {
		err = errors.Join(err, os.Remove(s.file))
	}
	return err
}

func (s *setup) invocation(environ func(string) string, args ...string) *invocation {
	return &invocation{ctx: s.in.ctx, args: args, environ: environ, stdin: strings.NewReader(""), stdout: s.in.stdout, stderr: s.in.stderr}
}

// ask asks the three questions.
func (s *setup) ask() error {
	site, err := s.question("RESETD_BASE_URL", "", "The address at which people reach resetd, such as https://accounts.example.org")
	if err != nil {
		return err
	}
	if strings.HasPrefix(site, "https:") { // a proxy on this machine ends TLS
		s.set("RESETD_TRUSTED_PROXIES", "127.0.0.1,::1")
		s.set("RESETD_MAIL_FROM", "no-reply@"+hostOf(site))
	}
	key := make([]byte, reset.MinKeyBytes)
	_, _ = rand.Read(key) // never fails, see crypto/rand
	s.set("RESETD_SECRET_KEY", base64.StdEncoding.EncodeToString(key))
	if _, err := s.question("RESETD_DATABASE_URL", s.database, "The database: sqlite:PATH, or postgres://USER:PASSWORD@HOST/DATABASE"); err != nil {
		return err
	}
	_, err = s.question("RESETD_MAIL_URL", "console:", "The mail server, such as smtp://USER:PASSWORD@mail.example.org:587, or smtp://127.0.0.1:25?starttls=off on this machine; console: prints emails instead")
	return err
}

// question asks until the answer is valid, and sets the variable.
func (s *setup) question(name, otherwise, text string) (string, error) {
	if otherwise != "" {
		text += "\n[" + otherwise + "]"
	}
	for problem := error(nil); ; {
		s.say("%s: ", text)
		line, err := s.in.line(s.answers)
		if s.in.ctx.Err() != nil {
			return "", errors.New("interrupted; nothing was written")
		}
		value := strings.TrimSpace(line)
		if value == "" {
			value = otherwise
		}
		if line != "" || problem == nil { // the end of the answers does not replace a wrong one
			problem = s.problem(name, value)
		}
		if problem == nil {
			s.set(name, value)
			return value, nil
		}
		if err != nil { // nobody can answer again
			return "", fmt.Errorf("%w; nothing was written", problem)
		}
		s.say("%s\n\n", problem)
	}
}

// problem returns what is wrong with a value, or nil.
func (s *setup) problem(name, value string) error {
	if value == "" {
		return fmt.Errorf("%s: it is empty", name)
	}
	if strings.ContainsFunc(value, unicode.IsControl) || !utf8.ValidString(value) {
		return fmt.Errorf("%s: it contains an invisible character, such as that of an arrow key; type it again", name)
	}
	trial := s.invocation(func(other string) string {
		if other == name {
			return value
		}
		return ""
	}, "check")
	if _, _, err := trial.parse(); err != nil {
		return err
	}
	_, err := trial.config()
	if err == nil {
		return nil
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if strings.HasPrefix(line, name+":") {
			return errors.New(line)
		}
	}
	if name == sqldb.OfRecord && !strings.HasPrefix(value, "sqlite:") {
		return readable(value)
	}
	return nil
}

// readable returns what is wrong with the URL of a database server. It does not connect.
func readable(value string) error {
	pool, err := sqldb.OpenUnchanged(value, sqldb.OfRecord)
	if err != nil {
		return err
	}
	return pool.Close()
}

func (s *setup) set(name, value string) { s.text = config.Set(s.text, name, value) }

func (s *setup) say(format string, args ...any) { _, _ = fmt.Fprintf(s.in.stderr, format, args...) }

// packaged reports whether the file is that of the package, whose owner is root and whose
// group is that of the service.
func (s *setup) packaged() bool { return strings.HasPrefix(s.file, packagedSettings+"/") }

func (s *setup) readers() string {
	if s.packaged() {
		return "root and the service"
	}
	return "you"
}

// next prints the next step.
func (s *setup) next(healthy bool) {
	check := "resetd --config " + s.file + " check"
	start := "resetd --config " + s.file + " serve"
	if s.packaged() {
		check, start = "runuser -u resetd -- "+check, "systemctl enable --now resetd"
	}
	if !healthy {
		s.say("\nCorrect what is WRONG in %s, and check again:\n    %s\n", s.file, check)
	}
	s.say("\nFor the accounts of an application that you have, first set RESETD_ACCOUNTS and RESETD_LOGIN_URL in this file. These presets exist:\n    resetd accounts presets\n")
	s.say("\nThe next step starts it, and creates its tables:\n    %s\n", start)
}

func hostOf(site string) string {
	u, err := config.ParseBaseURL(site)
	if err != nil {
		return "localhost"
	}
	return u.Hostname()
}
