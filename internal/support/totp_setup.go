package support

import (
	"errors"
	"fmt"
	"image/color"
	"strings"

	code "github.com/boombuler/barcode/qr"

	"resetd/internal/staff"
)

// totpSetup is the part of a page that shows a new TOTP secret.
type totpSetup struct {
	Setup staff.Setup
	QR    qr
	Link  string // without its scheme, which is in the template because html/template would refuse it
}

// setup shows the secret of a form again, or a new one if the form has none.
func (s *support) setup(m staff.Member, sealed string) (setup totpSetup, err error) {
	setup.Setup, err = s.Staff.OpenSetup(m, sealed)
	if errors.Is(err, staff.ErrSetup) {
		setup.Setup, err = s.Staff.NewSetup(m)
	}
	if err != nil {
		return setup, err
	}
	setup.Link = strings.TrimPrefix(setup.Setup.Link(), "otpauth://")
	setup.QR, err = newQR(setup.Setup.Link())
	return setup, err
}

// qr is a QR code as the path of an SVG: dark modules of size 1.
type qr struct {
	Size int // of a side with the quiet zone
	Path string
}

// quiet is the width of the empty border that readers need (ISO/IEC 18004).
const quiet = 4

func newQR(text string) (qr, error) {
	made, err := code.Encode(text, code.M, code.Auto)
	if err != nil {
		return qr{}, fmt.Errorf("QR code: %w", err)
	}
	var path strings.Builder
	side := made.Bounds().Dx()
	for y := range side {
		for x := range side {
			if made.At(x, y) == color.Black {
				_, _ = fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	return qr{side + 2*quiet, path.String()}, nil
}
