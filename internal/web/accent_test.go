package web

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"resetd/templates"
)

func TestContrast(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{
		{"#000000", "#ffffff", 21},
		{"#ffffff", "#000000", 21},
		{"#ffffff", "#ffffff", 1},
		{"#777777", "#ffffff", 4.48}, // the lightest grey that fails
		{"#767676", "#ffffff", 4.54}, // the lightest grey that passes
		{"#ff0000", "#ffffff", 4.00},
		{"#0000ff", "#ffffff", 8.59},
	} {
		got := contrast(mustColour(t, c.a), mustColour(t, c.b))
		if diff := got - c.want; diff < -0.01 || diff > 0.01 {
			t.Errorf("%s on %s: got %.3f, want %.2f", c.a, c.b, got, c.want)
		}
	}
}

func TestAccentIsReadableInLightAndDarkMode(t *testing.T) {
	for _, s := range []string{"#1d4ed8", "#1D4ED8", "#000000", "#767676", "#b3261e", "#006644", "#5b21b6", "#0000ff", "#1b222d"} {
		a, err := ParseAccent(s)
		if err != nil {
			t.Errorf("%s: %v", s, err)
			continue
		}
		if a.day.String() != strings.ToLower(s) {
			t.Errorf("%s: light mode: got %s", s, a.day)
		}
		if got := contrast(a.night(), nightSheet); got < minContrast || got > 5.5 {
			t.Errorf("%s: dark mode: got %s with %.2f:1, want slightly more than %.1f:1", s, a.night(), got, minContrast)
		}
	}
}

func TestUnreadableAccentIsRefused(t *testing.T) {
	for s, want := range map[string]string{
		"#777777":                         "#777777 has a contrast of 4.47:1 with white, want at least 4.5:1: choose a darker colour",
		"#ffff00":                         "has a contrast of 1.07:1",
		"#ffffff":                         "has a contrast of 1.00:1",
		"":                                `"" is not a colour, want #rrggbb`,
		"#":                               "is not a colour",
		"1d4ed8":                          "is not a colour",
		"#1d4":                            "is not a colour",
		"#1d4ed8ff":                       "is not a colour",
		"#1d4eg8":                         "is not a colour",
		"#+d4ed8":                         "is not a colour",
		"blue":                            "is not a colour",
		"#0_0_00":                         "is not a colour",
		"é1d4e8":                          "is not a colour",
		"#1d4ed8; } body { display: none": "is not a colour",
	} {
		if _, err := ParseAccent(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v, want %q in it", s, err, want)
		}
	}
}

// Text needs 4.5:1 and the border of a field 3:1 (WCAG 2.2, 1.4.3 and 1.4.11).
func TestPaletteIsReadable(t *testing.T) {
	day, night := palette(t)
	if night["sheet"] != nightSheet {
		t.Errorf("app.css: --sheet in dark mode is %s, want nightSheet %s", night["sheet"], nightSheet)
	}
	for name, colours := range map[string]map[string]colour{"day": day, "night": night} {
		for _, pair := range []struct {
			text, ground string
			want         float64
		}{
			{"ink", "ground", minContrast},
			{"ink", "sheet", minContrast},
			{"ink", "bad-ground", minContrast},
			{"soft", "sheet", minContrast},
			{"bad", "sheet", minContrast},
			{"bad", "bad-ground", minContrast},
			{"line", "sheet", 3},
			{"focus", "sheet", 3},
		} {
			got := contrast(colours[pair.text], colours[pair.ground])
			if got < pair.want {
				t.Errorf("%s: %s on %s is %.2f:1, want %.1f:1", name, pair.text, pair.ground, got, pair.want)
			}
		}
	}
	if got := contrast(night["on-fill"], Accent{}.night()); got < minContrast {
		t.Errorf("dark mode: text on buttons has %.2f:1, want %.1f:1", got, minContrast)
	}
}

// palette returns the colours of app.css.
func palette(t *testing.T) (day, night map[string]colour) {
	t.Helper()
	files, err := templates.Open("")
	if err != nil {
		t.Fatal(err)
	}
	css, err := fs.ReadFile(files, "static/app.css")
	if err != nil {
		t.Fatal(err)
	}
	before, after, ok := strings.Cut(string(css), "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("app.css has no colours for dark mode")
	}
	return colours(t, before), colours(t, after)
}

func colours(t *testing.T, css string) map[string]colour {
	t.Helper()
	found := map[string]colour{}
	for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(css, -1) {
		found[m[1]] = mustColour(t, m[2])
	}
	return found
}

func mustColour(t *testing.T, s string) colour {
	t.Helper()
	c, err := parseColour(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
