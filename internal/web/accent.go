package web

import (
	"fmt"
	"math"
	"strconv"
)

// minContrast is the minimum contrast of text (WCAG 2.2, 1.4.3).
const minContrast = 4.5

var (
	white = colour{0xff, 0xff, 0xff}
	// nightSheet is the background of text in dark mode: --sheet in app.css.
	nightSheet = colour{0x1b, 0x22, 0x2d}
)

// Accent is the colour of buttons and links, which a setting defines.
type Accent struct{ day colour }

// ParseAccent parses a colour "#rrggbb". It must have enough contrast with white,
// for white text on buttons and for links on a white page.
func ParseAccent(s string) (Accent, error) {
	c, err := parseColour(s)
	if err != nil {
		return Accent{}, err
	}
	if ratio := contrast(c, white); ratio < minContrast {
		return Accent{}, fmt.Errorf("%s has a contrast of %.2f:1 with white, want at least %.1f:1: choose a darker colour",
			s, math.Floor(ratio*100)/100, minContrast)
	}
	return Accent{c}, nil
}

// night returns the colour mixed with the least white that makes it readable in
// dark mode.
func (a Accent) night() colour {
	const steps = 100
	c := a.day
	for i := 1; contrast(c, nightSheet) < minContrast && i <= steps; i++ {
		c = a.day.mix(white, float64(i)/steps)
	}
	return c
}

// css returns both colours as the custom properties that app.css uses.
func (a Accent) css() string {
	return fmt.Sprintf(":root { --accent-on-light: %s; --accent-on-dark: %s; }\n", a.day, a.night())
}

// colour is red, green and blue in sRGB.
type colour [3]uint8

func parseColour(s string) (c colour, err error) {
	n, err := strconv.ParseUint(s[min(1, len(s)):], 16, 24)
	if err != nil || len(s) != len("#rrggbb") || s[0] != '#' {
		return c, fmt.Errorf("%q is not a colour, want #rrggbb", s)
	}
	return colour{uint8(n >> 16), uint8(n >> 8), uint8(n)}, nil
}

func (c colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

func (c colour) mix(other colour, share float64) (mixed colour) {
	for i := range c {
		mixed[i] = uint8(math.Round(float64(c[i])*(1-share) + float64(other[i])*share))
	}
	return mixed
}

// luminance is the relative luminance that WCAG 2.2 defines.
func (c colour) luminance() float64 {
	var linear [3]float64
	for i, v := range c {
		s := float64(v) / 255
		if s <= 0.04045 {
			linear[i] = s / 12.92
		} else {
			linear[i] = math.Pow((s+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*linear[0] + 0.7152*linear[1] + 0.0722*linear[2]
}

// contrast returns the contrast ratio of two colours in any order, from 1 to 21.
func contrast(a, b colour) float64 {
	la, lb := a.luminance(), b.luminance()
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}
