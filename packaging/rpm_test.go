//go:build debian

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// rpm runs Debian's rpm, which runs the scripts of the package in the root. Debian knows no
// package shadow-utils: its useradd is in another one.
func (d debian) rpm(args ...string) {
	d.Helper()
	out, err := exec.CommandContext(d.Context(), "rpm", append([]string{"--root", d.root, "--nodeps"}, args...)...).CombinedOutput()
	if err != nil {
		d.Fatalf("rpm %v: %v\n%s", args, err, out)
	}
}

// The rpm makes what the deb makes. An upgrade keeps the settings, and a removal keeps them
// beside their place, with the record and the user.
func TestRPMPackage(t *testing.T) {
	d := newDebian(t)
	d.rpm("-i", os.Getenv("RESETD_RPM"))
	d.owned("/etc/resetd", "root:resetd 750")
	d.owned("/etc/resetd/resetd.env", "root:resetd 640")
	d.owned("/var/lib/resetd", "resetd:resetd 700")
	d.run("http://"+address+"\n\nfile:/var/lib/resetd/mails\n", "resetd", "init")
	settings := filepath.Join(d.root, "etc/resetd/resetd.env")
	text, err := os.ReadFile(settings)
	if err == nil {
		err = os.WriteFile(settings, append(text, "RESETD_ADDR="+address+"\n"...), 0o640)
	}
	if err != nil {
		t.Fatal(err)
	}
	d.start()()

	d.rpm("-U", os.Getenv("RESETD_NEXT_RPM"))
	if out := d.run("", "resetd", "version"); !strings.HasPrefix(out, "resetd 0.1.1, ") {
		t.Errorf("version after the upgrade: %s", out)
	}
	d.owned("/etc/resetd/resetd.env", "root:resetd 640")
	d.start()() // with the settings and the record of before

	d.rpm("-e", "resetd")
	d.exists("usr/bin/resetd", false)
	d.exists("usr/share/resetd", false)
	d.owned("/etc/resetd/resetd.env.rpmsave", "root:resetd 640")
	d.owned("/var/lib/resetd/resetd.db", "resetd:resetd 600")
}
