//go:build debian

package main

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// unpack writes the files of an archive below a folder.
func unpack(t *testing.T, archive io.Reader, root string, owners bool) {
	t.Helper()
	for r := tar.NewReader(archive); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(root, h.Name)
		if h.Typeflag == tar.TypeDir {
			err = os.MkdirAll(path, h.FileInfo().Mode())
		} else {
			var text []byte
			if text, err = io.ReadAll(r); err == nil {
				err = os.WriteFile(path, text, h.FileInfo().Mode())
			}
		}
		if err == nil && owners {
			err = os.Chown(path, h.Uid, h.Gid)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// onlyIndex returns the list of images in a layout, which must have no other entry.
func onlyIndex(t *testing.T, folder string) (v1.ImageIndex, *v1.IndexManifest) {
	t.Helper()
	top, err := layout.ImageIndexFromPath(folder)
	if err == nil {
		err = validate.Index(top)
	}
	if err != nil {
		t.Fatal(err)
	}
	entries, _ := top.IndexManifest()
	if len(entries.Manifests) != 1 || !entries.Manifests[0].MediaType.IsIndex() {
		t.Fatalf("skopeo and podman want one entry in the layout: %+v", entries.Manifests)
	}
	index, err := top.ImageIndex(entries.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	manifest, _ := index.IndexManifest()
	return index, manifest
}

// The image is valid, and its program serves as the image's user in a file system where
// it can write to /data alone.
func TestImageServes(t *testing.T) {
	folder := t.TempDir()
	f, err := os.Open(os.Getenv("RESETD_IMAGE"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	unpack(t, f, folder, false)
	index, manifest := onlyIndex(t, folder)
	at := slices.IndexFunc(manifest.Manifests, func(d v1.Descriptor) bool { return d.Platform.Architecture == "amd64" })
	image, err := index.Image(manifest.Manifests[at].Digest)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	unpack(t, mutate.Extract(image), root, true)
	config, _ := image.ConfigFile()
	start := func(args ...string) *exec.Cmd {
		cmd := exec.Command("chroot", append([]string{"--userspec=" + config.Config.User, root}, append(config.Config.Entrypoint, args...)...)...)
		cmd.Env = append(config.Config.Env, "RESETD_ADDR="+address)
		cmd.Stderr = os.Stderr
		return cmd
	}
	service := start(config.Config.Cmd...)
	service.Stderr = nil
	if err := service.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = service.Process.Kill(); _ = service.Wait() }()
	for began := time.Now(); start(config.Config.Healthcheck.Test[2:]...).Run() != nil; time.Sleep(50 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatal("it does not answer")
		}
	}
	if _, err := os.Stat(filepath.Join(root, "data/resetd.db")); err != nil {
		t.Error(err)
	}
}
