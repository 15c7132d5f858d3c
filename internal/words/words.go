// Package words is the one catalogue of what pages and mails say, so that
// another language is another file and no other change.
package words

import (
	"fmt"
	"io/fs"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"
)

// Catalogue is the words in all languages.
type Catalogue struct{ bundle *i18n.Bundle }

// Load reads words/*.toml, each named for its language (BCP 47).
func Load(files fs.FS) (*Catalogue, error) {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	names, err := fs.Glob(files, "words/*.toml")
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("words: no catalogue (%w)", err)
	}
	for _, name := range names {
		if _, err := bundle.LoadMessageFileFS(files, name); err != nil {
			return nil, fmt.Errorf("words: %s: %w", name, err)
		}
	}
	return &Catalogue{bundle}, nil
}

// In returns the words in the first of the languages that there is, else in
// English. Each may be a tag or a list as in Accept-Language (RFC 9110).
func (c *Catalogue) In(languages ...string) Words {
	return Words{i18n.NewLocalizer(c.bundle, languages...)}
}

// Words is the catalogue in one language.
type Words struct{ localizer *i18n.Localizer }

// T returns the text of an id with its {{.Placeholders}} filled from pairs of
// names and values. A value named Count also chooses between one and many. The
// text is plain: a page prints it through html/template, which escapes it. An
// unknown id is an error, so that no page goes out with a hole in it.
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
