package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// entry is a file of an archive, or a folder if its name ends with a slash.
type entry struct {
	name  string
	text  []byte
	mode  int64
	owner int
}

// archiveOf returns an archive whose bytes depend only on its entries.
func archiveOf(at time.Time, entries []entry) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: e.mode, Size: int64(len(e.text)), ModTime: at, Uid: e.owner, Gid: e.owner, Format: tar.FormatUSTAR, Typeflag: tar.TypeReg}
		if e.name[len(e.name)-1] == '/' {
			h.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write(e.text); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

func compressed(text []byte) ([]byte, error) {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // fails only for a wrong level
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	err := w.Close()
	return b.Bytes(), err
}

// archives writes one archive for each platform, for whoever uses no package.
func (r *release) archives(context.Context) error {
	for _, p := range platforms {
		folder := fmt.Sprintf("resetd_%s_%s", r.version, p)
		entries := []entry{{name: folder + "/", mode: 0o755}}
		for _, f := range []struct {
			name, path string
			mode       int64
		}{
			{"resetd", r.binary(p), 0o755},
			{"README.md", filepath.Join(r.source, "README.md"), 0o644},
			{"resetd.env", filepath.Join(r.work, "resetd.env"), 0o600},
			{"resetd.1", filepath.Join(r.work, "resetd.1"), 0o644},
			{"resetd.bash", filepath.Join(r.work, "resetd.bash"), 0o644},
			{"_resetd", filepath.Join(r.work, "_resetd"), 0o644},
			{"resetd.fish", filepath.Join(r.work, "resetd.fish"), 0o644},
		} {
			text, err := os.ReadFile(f.path)
			if err != nil {
				return err
			}
			entries = append(entries, entry{name: folder + "/" + f.name, text: text, mode: f.mode})
		}
		text, err := archiveOf(r.at, entries)
		if err == nil {
			text, err = compressed(text)
		}
		if err == nil {
			err = r.publish(folder+".tar.gz", text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
