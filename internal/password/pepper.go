package password

import (
	"fmt"
	"io"
	"log/slog"
)

// Pepper is a secret that an application adds to every password. It prints as
// "[pepper]" with every verb.
type Pepper string

// Format implements fmt.Formatter.
func (Pepper) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[pepper]") }

// LogValue implements slog.LogValuer.
func (Pepper) LogValue() slog.Value { return slog.StringValue("[pepper]") }
