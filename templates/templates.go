// Package templates embeds the pages, the mails, their words and the static
// files. A file of the same name in the operator's folder wins,
// from any folder here.
package templates

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
)

//go:embed pages support mail static words
var embedded embed.FS

// Open returns all files, those in the folder overrides before those that ship.
// It is an error if the folder holds a file that would override nothing: a
// misspelt name would go unnoticed.
func Open(overrides string) (fs.FS, error) {
	if overrides == "" {
		return embedded, nil
	}
	known := map[string]bool{}
	_ = fs.WalkDir(embedded, ".", func(name string, d fs.DirEntry, _ error) error {
		known[path.Base(name)] = known[path.Base(name)] || !d.IsDir()
		return nil
	})
	files, err := os.ReadDir(overrides)
	if err != nil {
		return nil, fmt.Errorf("templates: the folder %s can't be read", overrides)
	}
	for _, f := range files {
		if !f.IsDir() && !known[f.Name()] {
			return nil, fmt.Errorf("templates: %s overrides no template", path.Join(overrides, f.Name()))
		}
	}
	return overlay{os.DirFS(overrides)}, nil
}

type overlay struct{ upper fs.FS }

func (o overlay) Open(name string) (fs.File, error) {
	f, err := o.upper.Open(path.Base(name))
	if errors.Is(err, fs.ErrNotExist) {
		return embedded.Open(name)
	}
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		_ = f.Close()
		return embedded.Open(name)
	}
	return f, nil
}
