// Package words is the catalogue of all texts of pages and emails. Another language
// needs only another file.
package words

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"

	"resetd/templates"
)

// Catalogue contains the texts in all languages.
type Catalogue struct {
	bundle  *i18n.Bundle
	tags    []language.Tag
	matcher language.Matcher
}

// Load reads words/*.toml. The file names are the languages (BCP 47). A text that is
// missing in a file of the operator is the built-in one.
func Load(files fs.FS) (*Catalogue, error) {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	names, err := fs.Glob(files, "words/*.toml")
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("words: no catalogue (%w)", err)
	}
	for _, name := range names {
		builtin, own, err := read(files, name)
		if err != nil {
			return nil, fmt.Errorf("words: %s: %w", name, err)
		}
		for _, text := range slices.Compact([]string{builtin, own}) { // parsing takes a third of the start
			if _, err := bundle.ParseMessageFileBytes([]byte(text), name); err != nil {
				return nil, fmt.Errorf("words: %s: %w", name, err)
			}
		}
	}
	tags := bundle.LanguageTags()
	return &Catalogue{bundle, tags, language.NewMatcher(tags)}, nil
}

// Missing returns the ids of the built-in texts that a file of the operator lacks, with
// the file's name.
func Missing(files fs.FS) (missing []string, err error) {
	names, err := fs.Glob(files, "words/*.toml")
	for _, name := range names {
		builtin, own, failed := read(files, name)
		var all, present map[string]any
		if builtin != own {
			failed = errors.Join(failed, toml.Unmarshal([]byte(builtin), &all), toml.Unmarshal([]byte(own), &present))
		}
		if err = errors.Join(err, failed); err != nil {
			return nil, err
		}
		for _, id := range slices.Sorted(maps.Keys(all)) {
			if _, found := present[id]; !found {
				missing = append(missing, path.Base(name)+": "+id)
			}
		}
	}
	return missing, err
}

// read returns the built-in file of this name, which is empty if there is none, and the
// file that is in its place.
func read(files fs.FS, name string) (builtin, own string, err error) {
	first, err := fs.ReadFile(templates.Builtin(), name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", "", err
	}
	second, err := fs.ReadFile(files, name)
	return string(first), string(second), err
}

// Language returns the tag of the catalogue's language that In selects for a list as
// in Accept-Language (RFC 9110).
func (c *Catalogue) Language(accept string) string {
	if len(c.tags) == 1 {
		return c.tags[0].String()
	}
	_, at := language.MatchStrings(c.matcher, accept)
	return c.tags[at].String()
}

// In returns the texts in the first available language, otherwise in English. Each
// language may be a tag or a list as in Accept-Language (RFC 9110).
func (c *Catalogue) In(languages ...string) Words {
	return Words{i18n.NewLocalizer(c.bundle, languages...)}
}

// Words contains the texts in one language.
type Words struct{ localizer *i18n.Localizer }

// T returns the text of an id, with its {{.Placeholders}} replaced by pairs of names
// and values. A value named Count also selects singular or plural. The text is not
// escaped; html/template escapes it. An unknown id is an error, so no page is shown
// with a missing text.
func (w Words) T(id string, pairs ...any) (string, error) {
	if len(pairs)%2 != 0 {
		return "", fmt.Errorf("words: %s: a name without a value", id)
	}
	data := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		data[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return w.localizer.Localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: data, PluralCount: data["Count"]})
}
