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
	"strings"
)

//go:embed pages support mail static words
var embedded embed.FS

// Builtin returns the built-in files.
func Builtin() fs.FS { return embedded }

// Open returns all files. Files in the folder overrides replace the built-in ones. A
// file in that folder that replaces nothing is an error, because its name may be
// misspelt. Files that no template could be are ignored: hidden ones, and those with
// another ending, such as the copies that editors leave.
func Open(overrides string) (fs.FS, error) {
	if overrides == "" {
		return embedded, nil
	}
	known, endings := map[string]bool{}, map[string]bool{}
	_ = fs.WalkDir(embedded, ".", func(name string, d fs.DirEntry, _ error) error {
		known[path.Base(name)] = known[path.Base(name)] || !d.IsDir()
		endings[path.Ext(name)] = endings[path.Ext(name)] || !d.IsDir()
		return nil
	})
	files, err := os.ReadDir(overrides)
	if err != nil {
		return nil, fmt.Errorf("templates: %w; correct the path, or let resetd's user read the folder", err)
	}
	for _, f := range files {
		template := !f.IsDir() && !strings.HasPrefix(f.Name(), ".") && endings[path.Ext(f.Name())]
		if template && !known[f.Name()] {
			return nil, fmt.Errorf("templates: %s overrides no template: correct its name, or move it elsewhere", path.Join(overrides, f.Name()))
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
