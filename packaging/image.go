package main

import (
	"bytes"
	"context"
	"encoding/pem"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// nobody is the user of the container. It owns only the folder of the database.
const nobody = 65532

// image writes an image for all Linux processors, as an archive in the OCI layout. The
// layout has one entry, the list of them: skopeo and podman refuse several, or take the
// first one on any processor.
func (r *release) image(context.Context) error {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, p := range platforms {
		if p.os != "linux" {
			continue
		}
		made, err := r.imageFor(p)
		if err != nil {
			return err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: made, Descriptor: v1.Descriptor{
			Platform: &v1.Platform{OS: p.os, Architecture: p.arch},
		}})
	}
	top := mutate.AppendManifests(mutate.IndexMediaType(empty.Index, types.OCIImageIndex), mutate.IndexAddendum{
		Add: index, Descriptor: v1.Descriptor{Annotations: map[string]string{"org.opencontainers.image.ref.name": "resetd:" + r.version}},
	})
	folder := filepath.Join(r.work, "oci")
	if _, err := layout.Write(folder, top); err != nil {
		return err
	}
	text, err := packFolder(r.at, folder)
	if err != nil {
		return err
	}
	return r.publish("resetd_"+r.version+"_oci.tar", text)
}

func (r *release) imageFor(p platform) (v1.Image, error) {
	program, err := os.ReadFile(r.binary(p))
	if err != nil {
		return nil, err
	}
	text, err := archiveOf(r.at, []entry{
		{name: "data/", mode: 0o700, owner: nobody},
		{name: "etc/", mode: 0o755},
		{name: "etc/ssl/", mode: 0o755},
		{name: "etc/ssl/certs/", mode: 0o755},
		{name: "etc/ssl/certs/ca-certificates.crt", text: authorities(), mode: 0o644},
		{name: "resetd", text: program, mode: 0o755},
	})
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	made, err := mutate.AppendLayers(base, layer)
	if err != nil {
		return nil, err
	}
	return mutate.ConfigFile(made, r.imageConfig(p, made))
}

// imageConfig describes how the image runs. Its file system can be read-only, except for
// the volume /data.
func (r *release) imageConfig(p platform, made v1.Image) *v1.ConfigFile {
	config, _ := made.ConfigFile() // of an image in memory
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created = p.os, p.arch, v1.Time{Time: r.at}
	config.History = []v1.History{{Created: v1.Time{Time: r.at}, CreatedBy: "resetd packaging"}}
	config.Config = v1.Config{
		User: "65532:65532", WorkingDir: "/data", Entrypoint: []string{"/resetd"}, Cmd: []string{"serve"},
		Env: []string{"RESETD_ADDR=0.0.0.0:8080", "RESETD_DATABASE_URL=sqlite:/data/resetd.db"}, ExposedPorts: map[string]struct{}{"8080/tcp": {}}, Volumes: map[string]struct{}{"/data": {}},
		StopSignal: "SIGTERM", Healthcheck: &v1.HealthConfig{Test: []string{"CMD", "/resetd", "healthcheck"}, Interval: 10 * time.Second, Timeout: 3 * time.Second, Retries: 3},
		Labels: map[string]string{"org.opencontainers.image.title": "resetd", "org.opencontainers.image.version": r.version},
	}
	return config
}

// authorities returns Mozilla's certificates, which are the same on every build machine.
func authorities() []byte {
	var b bytes.Buffer
	for root := range bundle.Roots() {
		_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}) // writes to memory
	}
	return b.Bytes()
}

// packFolder returns an archive of a folder.
func packFolder(at time.Time, folder string) ([]byte, error) {
	var entries []entry
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		name := strings.TrimPrefix(strings.TrimPrefix(path, folder), "/")
		switch {
		case err != nil || name == "":
			return err
		case d.IsDir():
			entries = append(entries, entry{name: name + "/", mode: 0o755})
			return nil
		}
		text, err := os.ReadFile(path) //nolint:gosec // the folder is our own
		entries = append(entries, entry{name: name, text: text, mode: 0o644})
		return err
	})
	if err != nil {
		return nil, err
	}
	return archiveOf(at, entries)
}
