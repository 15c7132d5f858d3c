package main

import (
	"bufio"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lib/pq"

	"resetd/internal/testkit/postgres"
)

// asProgram is a variable that makes this test binary behave as withpostgres. Tests set
// it for the process that they start, and the keeper inherits it.
const asProgram = "WITHPOSTGRES_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// The program removes the server, whether the command succeeds, fails or is killed.
func TestServerIsRemoved(t *testing.T) {
	const (
		printURL      = `echo "$` + postgres.URLVariable + `"; `
		exitOnFile    = printURL + `while [ ! -e "$0" ]; do sleep 0.1; done; exit ` // when the file $0 exists
		sleepLong     = printURL + `exec sleep 30`
		surviveOneInt = `trap 'trap - INT; echo again' INT; ` + printURL + `while :; do sleep 0.1; done`
	)
	tests := []struct {
		name    string
		flags   []string
		script  string
		signals []os.Signal
		want    int // exit status, -1 for a death by signal
		fsync   string
	}{
		{"success", nil, exitOnFile + "0", nil, 0, "off"},
		{"failure", []string{"-durable"}, exitOnFile + "7", nil, 7, "on"},
		{"terminated", []string{"-set", "fsync=on", "-set", "work_mem=5MB"}, sleepLong, []os.Signal{syscall.SIGTERM}, 128 + 15, "on"},
		{"interrupted twice", nil, surviveOneInt, []os.Signal{os.Interrupt, os.Interrupt}, 128 + 2, "off"},
		{"killed", nil, sleepLong, []os.Signal{os.Kill}, -1, "off"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "exit")
			p := start(t, append(tt.flags, "--", "sh", "-c", tt.script, file)...)
			server := inspect(t, p.line(t), tt.fsync)

			for i, s := range tt.signals {
				if i > 0 {
					p.line(t) // the command has handled the signal before
				}
				if err := p.cmd.Process.Signal(s); err != nil {
					t.Fatal(err)
				}
			}
			if tt.signals == nil {
				write(t, file)
			}

			if got := p.exitStatus(); got != tt.want {
				t.Errorf("exit status = %d, want %d\n%s", got, tt.want, p.stderr(t))
			}
			if tt.want == -1 { // a killed process did not wait for the keeper
				waitUntil(server.removed)
			}
			if !server.removed() {
				t.Errorf("process %d or folder %s still exists", server.pid, server.dir)
			}
		})
	}
}

func TestGivenServerIsUsed(t *testing.T) {
	t.Parallel()
	const given = "postgres://somebody@db.example/app"
	cmd := program(t, "--", "sh", "-c", `echo "$`+postgres.URLVariable+`"; exit 3`)
	cmd.Env = append(cmd.Env, postgres.URLVariable+"="+given)

	out, _ := cmd.Output()

	if got := strings.TrimSpace(string(out)); got != given {
		t.Errorf("%s = %q, want %q", postgres.URLVariable, got, given)
	}
	if got := cmd.ProcessState.ExitCode(); got != 3 {
		t.Errorf("exit status = %d, want 3", got)
	}
}

func TestMisuse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		args []string
		want int
	}{
		{"no command", nil, 2},
		{"unknown flag", []string{"-nosuchflag"}, 2},
		{"unknown command", []string{"--", "no-such-command"}, 127},
	}
	for _, tt := range tests {
		cmd := program(t, tt.args...)
		out, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != tt.want {
			t.Errorf("%s: exit status = %d, want %d\n%s", tt.name, got, tt.want, out)
		}
	}
}

// program returns a command that runs withpostgres without a given server.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, postgres.URLVariable+"=")
	}), asProgram+"=1")
	return cmd
}

// running is a running withpostgres. Its standard error is a file and not a pipe, because
// after kill -9 other processes would keep the pipe open.
type running struct {
	cmd    *exec.Cmd
	stdout *bufio.Scanner
	errors string
}

func start(t *testing.T, args ...string) *running {
	t.Helper()
	cmd := program(t, args...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	errorFile, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer errorFile.Close()
	cmd.Stderr = errorFile
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // if the test failed before
	return &running{cmd: cmd, stdout: bufio.NewScanner(stdout), errors: errorFile.Name()}
}

func (p *running) line(t *testing.T) string {
	t.Helper()
	if !p.stdout.Scan() {
		t.Fatalf("no output, exit status %d\n%s", p.exitStatus(), p.stderr(t))
	}
	return p.stdout.Text()
}

func (p *running) exitStatus() int {
	_ = p.cmd.Wait() // the tests read the exit status instead
	return p.cmd.ProcessState.ExitCode()
}

func (p *running) stderr(t *testing.T) string {
	t.Helper()
	out, err := os.ReadFile(p.errors)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// serverFiles are the process and the folder of a server.
type serverFiles struct {
	pid int
	dir string
}

func (r serverFiles) removed() bool {
	_, err := os.Stat(r.dir)
	return errors.Is(err, fs.ErrNotExist) && errors.Is(syscall.Kill(r.pid, 0), syscall.ESRCH)
}

// inspect connects to a server and returns its process and folder. It also tries a wrong
// password.
func inspect(t *testing.T, serverURL, wantFsync string) serverFiles {
	t.Helper()
	const read = `SELECT pg_read_file('postmaster.pid'), current_setting('data_directory'), current_setting('fsync')`
	var pidFile, data, fsync string
	if err := query(t, serverURL, read, &pidFile, &data, &fsync); err != nil {
		t.Fatal(err)
	}
	if fsync != wantFsync {
		t.Errorf("fsync = %s, want %s", fsync, wantFsync)
	}

	guessed, err := url.Parse(serverURL)
	if err != nil {
		t.Fatal(err)
	}
	guessed.User = url.UserPassword(guessed.User.Username(), "guessed")
	const wrongPassword = "28P01"
	var refusal *pq.Error
	err = query(t, guessed.String(), read, &pidFile, &data, &fsync)
	if !errors.As(err, &refusal) || refusal.Code != wrongPassword {
		t.Errorf("with a wrong password: got %v, want SQLSTATE %s", err, wrongPassword)
	}

	first, _, _ := strings.Cut(pidFile, "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	r := serverFiles{pid: pid, dir: filepath.Dir(data)}
	if _, err := os.Stat(r.dir); err != nil || r.removed() {
		t.Fatalf("process %d or folder %s does not exist: %v", r.pid, r.dir, err)
	}
	return r
}

func query(t *testing.T, serverURL, query string, into ...any) error {
	t.Helper()
	db, err := sql.Open("postgres", serverURL)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	return db.QueryRowContext(t.Context(), query).Scan(into...)
}

func write(t *testing.T, file string) {
	t.Helper()
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func waitUntil(done func() bool) {
	for deadline := time.Now().Add(time.Minute); !done() && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
}
