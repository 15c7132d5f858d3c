// Package templates embeds the pages, the emails, their texts and the static files. A
// file in the operator's folder replaces the file with the same name, in any folder
// here.
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

// Open returns all files. Files in the folder overrides replace the built-in ones. A
// file in that folder that replaces nothing is an error, because its name may be
// misspelt.
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
