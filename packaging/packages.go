package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb" // registers itself
	"github.com/goreleaser/nfpm/v2/files"
	_ "github.com/goreleaser/nfpm/v2/rpm" // registers itself
)

// packages writes a .deb and an .rpm for each Linux.
func (r *release) packages(context.Context) error {
	man, err := r.manPage()
	if err != nil {
		return err
	}
	for _, p := range platforms {
		if p.os != "linux" {
			continue
		}
		for _, format := range []string{"deb", "rpm"} {
			if err := r.pack(p, format, man); err != nil {
				return err
			}
		}
	}
	return nil
}

// manPage compresses the man page, as both systems want it.
func (r *release) manPage() (path string, err error) {
	text, err := os.ReadFile(filepath.Join(r.work, "resetd.1"))
	if err == nil {
		text, err = compressed(text)
	}
	if err != nil {
		return "", err
	}
	path = filepath.Join(r.work, "resetd.1.gz")
	return path, os.WriteFile(path, text, 0o600) //nolint:gosec // the folder is our own
}

func (r *release) pack(p platform, format, man string) error {
	packager, err := nfpm.Get(format)
	if err != nil {
		return err
	}
	info := nfpm.WithDefaults(r.info(p, man))
	info.Depends = []string{map[string]string{"deb": "passwd", "rpm": "shadow-utils"}[format]} // for useradd
	if err := nfpm.PrepareForPackager(info, format); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := packager.Package(info, &b); err != nil {
		return err
	}
	return r.publish(packager.ConventionalFileName(info), b.Bytes())
}

func (r *release) info(p platform, man string) *nfpm.Info {
	linux := func(name string) string { return filepath.Join(r.source, "packaging/linux", name) }
	made := func(name string) string { return filepath.Join(r.work, name) }
	file := func(source, target string, mode os.FileMode) *files.Content {
		return &files.Content{Source: source, Destination: target, FileInfo: &files.ContentFileInfo{Mode: mode, MTime: r.at, Owner: "root", Group: "root"}}
	}
	// Only rpm leaves a changed file alone. dpkg asks what to do at each upgrade that explains
	// another setting, and stops if nobody answers; so there install.sh makes the file.
	settings := file(made("resetd.env"), "/etc/resetd/resetd.env", 0o600)
	settings.Type, settings.Packager = files.TypeConfigNoReplace, "rpm"
	zsh := func(packager, folder string) *files.Content {
		f := file(made("_resetd"), "/usr/share/zsh/"+folder+"/_resetd", 0o644)
		f.Packager = packager
		return f
	}
	folder := file("", "/usr/share/resetd", 0o755) // rpm leaves a folder behind that no package has
	folder.Type, folder.Packager = files.TypeDir, "rpm"
	return &nfpm.Info{
		Name: "resetd", Arch: p.arch, Platform: p.os, Version: r.version, MTime: r.at, Section: "web", Priority: "optional",
		Maintainer: "resetd <resetd@example.org>", Description: "Password resets by emailed link, with a record of each\nIt runs alone with its own accounts, or beside an application that has users.",
		Overridables: nfpm.Overridables{
			Recommends: []string{"ca-certificates"},
			Contents: files.Contents{
				file(r.binary(p), "/usr/bin/resetd", 0o755), settings, folder,
				file(linux("resetd.service"), "/usr/lib/systemd/system/resetd.service", 0o644), file(linux("resetd.socket"), "/usr/lib/systemd/system/resetd.socket", 0o644),
				file(man, "/usr/share/man/man1/resetd.1.gz", 0o644), file(made("resetd.bash"), "/usr/share/bash-completion/completions/resetd", 0o644),
				zsh("deb", "vendor-completions"), zsh("rpm", "site-functions"), file(made("resetd.fish"), "/usr/share/fish/vendor_completions.d/resetd.fish", 0o644),
				file(made("resetd.env"), "/usr/share/resetd/resetd.env", 0o644), file(linux("../prometheus/resetd.rules.yml"), "/usr/share/resetd/resetd.rules.yml", 0o644), file(linux("../grafana/resetd.json"), "/usr/share/resetd/grafana.json", 0o644),
			},
			Scripts: nfpm.Scripts{PostInstall: linux("install.sh"), PreRemove: linux("stop.sh"), PostRemove: linux("removed.sh")},
			Deb:     nfpm.Deb{Compression: "gzip"},
			RPM:     nfpm.RPM{Summary: "Password resets by emailed link", BuildHost: "localhost"},
		},
	}
}
