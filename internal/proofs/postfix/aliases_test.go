//go:build postfix

package postfix

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"resetd/internal/testkit/instance"
	"resetd/internal/testkit/loopback"
	"resetd/internal/testkit/postfix"
)

// piping is the configuration of a server that delivers by local(8), which knows no
// mailbox but the aliases of the guide.
const piping = `
mydestination = example.org
local_recipient_maps =
recipient_delimiter = +
alias_maps = hash:$config_directory/service/aliases
alias_database = $alias_maps
minimal_backoff_time = 2s
maximal_backoff_time = 2s
queue_run_delay = 2s
`

// aliases is the line of the guide, with its two paths.
var aliases = regexp.MustCompile("`(bounces: \"\\|)(/usr/bin/resetd)( --config )(/etc/resetd/resetd.env)( bounces\")`")

// owner is a user as the package makes it: of the service, its files and the line.
const owner = "daemon"

// A returned email must reach the record by the line that the guide has for an aliases
// file. While the owner of the line can't read the settings, the server must keep it.
func TestReturnedMailsAreRecordedByThePipeOfTheGuide(t *testing.T) {
	mx, err := postfix.New(t.Context(), piping)
	s := &piped{server: &server{t, mx}}
	s.must(err)
	t.Cleanup(func() { s.must(mx.Close()) })
	master := s.read("master.cf")
	s.must(s.Write("master.cf", master+"local unix - n n - - local\n"))
	s.install()
	s.must(s.Start(t.Context()))

	s.run("walrus-on-a-bicycle\n", "setpriv", s.dropped("users", "add", "missing@example.org")...)
	addr, err := loopback.FreeAddr(t.Context())
	s.must(err)
	env := map[string]string{"RESETD_ADDR": addr}
	program, err := instance.Start(t.Context(), "setpriv", env, s.dropped("serve")...)
	s.must(err)
	t.Cleanup(func() { program.Stop() })
	s.must(os.Chmod(s.settings, 0o600)) // read already, by the service
	ask(s.server, program, "missing@example.org")
	s.eventually("the email that came back waits", func() bool {
		return strings.Contains(s.Log(), "status=deferred (temporary failure. Command output: resetd: --config: open "+s.settings+": permission denied")
	})
	s.must(os.Chmod(s.settings, 0o640))
	s.eventually("it is delivered to the command", func() bool {
		return strings.Contains(s.Log(), "status=sent (delivered to command: "+s.binary)
	})
	if got := s.run("", "setpriv", s.dropped("history", "--format", "csv", "missing@example.org")...); !strings.Contains(got, "bounced") {
		t.Errorf("not recorded:\n%s\n%s", got, s.Log())
	}
}

// piped is a server and the program that it pipes into.
type piped struct {
	*server
	binary, settings string
}

// install makes what the package and the guide make: the program, the settings that only
// root and the service can read, the folder of the service, and the line there.
func (s *piped) install() {
	s.Helper()
	u, err := user.Lookup(owner)
	s.must(err)
	s.settings = filepath.Join(s.Dir, "resetd.env")
	home := filepath.Join(s.Dir, "service")
	s.must(os.Mkdir(home, 0o700))
	s.binary, err = instance.Build(s.Context(), s.Dir)
	s.must(err)
	s.must(s.Write("resetd.env", "RESETD_DATABASE_URL=sqlite:"+home+"/resetd.db\nRESETD_BASE_URL=http://localhost:8080\n"+
		"RESETD_MAIL_FROM=accounts@example.org\nRESETD_BOUNCE_ADDRESS=bounces@example.org\nRESETD_MAIL_URL="+s.URL()+"\n"))
	guide, err := os.ReadFile("../../../docs/operations.md")
	s.must(err)
	line := aliases.FindSubmatch(guide)
	if line == nil {
		s.Fatal("the guide has no line for an aliases file")
	}
	s.must(s.Write("service/aliases", string(line[1])+s.binary+string(line[3])+s.settings+string(line[5])+"\n"))
	s.run("", "chown", "-R", owner+":"+u.Gid, home)
	s.run("", "chown", "root:"+u.Gid, s.settings)
	s.must(os.Chmod(s.settings, 0o640))
	s.run("", "newaliases", "-C", s.Dir)
}

// dropped returns the arguments of setpriv that run the program as the owner.
func (s *piped) dropped(args ...string) []string {
	return append([]string{"--reuid=" + owner, "--regid=" + owner, "--clear-groups", s.binary, "--config", s.settings}, args...)
}

func (s *piped) run(stdin, name string, args ...string) string {
	s.Helper()
	command := exec.CommandContext(s.Context(), name, args...)
	command.Stdin = strings.NewReader(stdin)
	out, err := command.CombinedOutput()
	if err != nil {
		s.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}
