//go:build debian

package main

import (
	"bytes"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// debian is a Debian 12 in a folder. systemd does not run in it: the test starts what the
// unit would start, as the unit's user, in the unit's folder.
type debian struct {
	*testing.T
	root string
}

// address is where resetd listens in the test.
const address = "127.0.0.1:18080"

func newDebian(t *testing.T) debian {
	t.Helper()
	if root := os.Getenv("RESETD_DEBIAN"); root != "" { // made by debootstrap before, and without resetd
		return debian{t, root}
	}
	d := debian{t, t.TempDir()}
	if out, err := exec.CommandContext(t.Context(), "debootstrap", "--variant=minbase", "bookworm", d.root, "http://deb.debian.org/debian").CombinedOutput(); err != nil {
		t.Fatalf("debootstrap: %v\n%s", err, out)
	}
	return d
}

// run runs a command in the Debian.
func (d debian) run(stdin string, args ...string) string {
	d.Helper()
	cmd := exec.CommandContext(d.Context(), "chroot", append([]string{d.root}, args...)...)
	cmd.Stdin, cmd.Env = strings.NewReader(stdin), []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		d.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

// install installs a package, or upgrades it.
func (d debian) install(deb string) {
	d.Helper()
	text, err := os.ReadFile(deb)
	if err == nil {
		err = os.WriteFile(filepath.Join(d.root, "tmp/resetd.deb"), text, 0o644)
	}
	if err != nil {
		d.Fatal(err)
	}
	d.run("", "dpkg", "-i", "/tmp/resetd.deb")
}

// owned checks the owner and the mode of a file.
func (d debian) owned(path, want string) {
	d.Helper()
	if got := strings.TrimSpace(d.run("", "stat", "-c", "%U:%G %a", path)); got != want {
		d.Errorf("%s: got %s, want %s", path, got, want)
	}
}

func (d debian) exists(path string, want bool) {
	d.Helper()
	if _, err := os.Lstat(filepath.Join(d.root, path)); (err == nil) != want {
		d.Errorf("%s: %v, want it to exist: %v", path, err, want)
	}
}

// unit returns the value of a line of the unit.
func (d debian) unit(name string) string {
	d.Helper()
	text, err := os.ReadFile(filepath.Join(d.root, "usr/lib/systemd/system/resetd.service"))
	if err != nil {
		d.Fatal(err)
	}
	return regexp.MustCompile(`(?m)^` + name + `=(.*)$`).FindStringSubmatch(string(text))[1]
}

// start starts the service as its unit does, and waits until it is healthy.
func (d debian) start() (stop func()) {
	d.Helper()
	var log bytes.Buffer
	args := append([]string{"--userspec=" + d.unit("User") + ":" + d.unit("Group"), d.root, "/usr/bin/env", "-C", d.unit("WorkingDirectory")}, strings.Fields(d.unit("ExecStart"))...)
	cmd := exec.Command("chroot", args...)
	cmd.Stdout, cmd.Stderr, cmd.Env = &log, &log, []string{"PATH=/usr/bin:/bin"}
	if err := cmd.Start(); err != nil {
		d.Fatal(err)
	}
	for began := time.Now(); exec.Command("chroot", d.root, "/usr/bin/resetd", "--config", "/etc/resetd/resetd.env", "healthcheck").Run() != nil; time.Sleep(50 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			d.Fatalf("it does not start:\n%s", log.String())
		}
	}
	return func() {
		d.Helper()
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			d.Errorf("it ended with %v:\n%s", err, log.String())
		}
	}
}

func (d debian) get(path string) (status int, body string) {
	d.Helper()
	res, err := http.Get("http://" + address + path)
	if err != nil {
		d.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(text)
}

var linkInMail = regexp.MustCompile(`/password-reset/confirm/[a-z2-7]+`)

// link requests a link and returns it from the email.
func (d debian) link() string {
	d.Helper()
	res, err := http.PostForm("http://"+address+"/password-reset", url.Values{"email": {"user@example.org"}})
	if err != nil || res.Body.Close() != nil || res.StatusCode != http.StatusOK {
		d.Fatalf("request: %v %v", res, err)
	}
	for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(50 * time.Millisecond) {
		found := ""
		_ = filepath.WalkDir(filepath.Join(d.root, "var/lib/resetd/mails"), func(path string, _ fs.DirEntry, err error) error {
			if text, unread := os.ReadFile(path); err == nil && unread == nil && found == "" {
				found = linkInMail.FindString(strings.ReplaceAll(string(text), "=\r\n", ""))
			}
			return nil
		})
		if found != "" {
			return found
		}
	}
	d.Fatal("no email came")
	return ""
}

// A new user installs the package, answers resetd init, upgrades, and removes it again.
func TestDebianPackage(t *testing.T) {
	d := newDebian(t)
	d.install(os.Getenv("RESETD_DEB"))
	d.owned("/etc/resetd/resetd.env", "root:resetd 640")
	d.owned("/var/lib/resetd", "resetd:resetd 700")
	if out := d.run("", "resetd", "version"); !strings.HasPrefix(out, "resetd 0.1.0, ") {
		t.Errorf("version: %s", out)
	}
	out := d.run("http://"+address+"\n\nfile:/var/lib/resetd/mails\n", "resetd", "init")
	if !strings.Contains(out, "systemctl enable --now resetd") || !strings.Contains(out, "only root and the service can read") {
		t.Errorf("init:\n%s", out)
	}
	settings := filepath.Join(d.root, "etc/resetd/resetd.env")
	text, _ := os.ReadFile(settings)
	if err := os.WriteFile(settings, append(text, "RESETD_ADDR="+address+"\n"...), 0o640); err != nil {
		t.Fatal(err)
	}
	d.owned("/etc/resetd/resetd.env", "root:resetd 640")

	stop := d.start()
	d.run("walrus-on-a-bicycle\n", "runuser", "-u", "resetd", "--", "resetd", "--config", "/etc/resetd/resetd.env", "users", "add", "user@example.org")
	link := d.link()
	d.install(os.Getenv("RESETD_NEXT_DEB"))
	stop() // systemctl try-restart does this and the next step
	stop = d.start()
	if out := d.run("", "resetd", "version"); !strings.HasPrefix(out, "resetd 0.1.1, ") {
		t.Errorf("version after the upgrade: %s", out)
	}
	if status, body := d.get(link); status != http.StatusOK && !strings.Contains(body, "cookies") {
		t.Errorf("a link from before the upgrade: status %d\n%s", status, body)
	}
	d.run("", "runuser", "-u", "resetd", "--", "resetd", "--config", "/etc/resetd/resetd.env", "check")
	stop()

	d.run("", "dpkg", "-r", "resetd")
	d.exists("usr/bin/resetd", false)
	d.exists("etc/resetd/resetd.env", true)
	d.exists("var/lib/resetd/resetd.db", true)
	d.install(os.Getenv("RESETD_NEXT_DEB"))
	d.start()() // with the settings and the record of before
	if err := os.Remove(settings); err != nil {
		t.Fatal(err)
	}
	d.install(os.Getenv("RESETD_NEXT_DEB"))
	d.owned("/etc/resetd/resetd.env", "root:resetd 640") // it explains the settings again
	if out := d.run("", "dpkg-query", "-W", "-f", "${Conffiles}", "resetd"); strings.TrimSpace(out) != "" {
		t.Errorf("an upgrade may ask what to do with these files, and fail without an answer:%s", out)
	}
	d.run("", "dpkg", "-P", "resetd")
	d.exists("etc/resetd", false)
	d.exists("var/lib/resetd", false)
	if out := d.run("", "sh", "-c", "getent passwd resetd || echo gone"); out != "gone\n" {
		t.Errorf("the user: %s", out)
	}
}

// The unit is understood by Debian's systemd, and its exposure stays low. The scale of
// systemd-analyze ends at 100, and 12 is printed as 1.2.
func TestUnitIsHardened(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "systemd-analyze", "security", "--offline=true", "--threshold=13", "linux/resetd.service").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	root := t.TempDir()
	units := "usr/lib/systemd/system/"
	for target, source := range map[string]string{units + "resetd.service": "linux/resetd.service", units + "resetd.socket": "linux/resetd.socket", "usr/bin/resetd": "/bin/true", "bin/kill": "/bin/true"} {
		text, err := os.ReadFile(source)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(root, target)), 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(root, target), text, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	out, _ = exec.CommandContext(t.Context(), "systemd-analyze", "--root="+root, "--man=no", "verify", "resetd.service", "resetd.socket").CombinedOutput()
	for line := range strings.SplitSeq(string(out), "\n") {
		if strings.Contains(line, "resetd") && !strings.Contains(line, "marked executable") && !strings.Contains(line, "not found") {
			t.Errorf("verify: %s", line)
		}
	}
	t.Logf("%s", out)
}
