// Package breach finds passwords that are known from data breaches. NIST SP 800-63B-4,
// section 3.1.1.2, requires that new passwords are compared with them.
//
// The source is a local file or a range service. The file contains a line HASH:COUNT
// for each password, sorted by the SHA-1 hash. A look-up reads a few lines of it. A range
// service gets only the first five digits of the hash. It answers with all hashes that
// begin with them, about a thousand, so it does not learn the password.
//
// No password, hash or part of a hash is ever in an error or in the log.
package breach

import (
	"context"
	"crypto/sha1" //nolint:gosec // the format of the published lists
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"golang.org/x/text/unicode/norm"

	"resetd/internal/reset"
)

// hashDigits is the length of a hash: SHA-1 in hexadecimal.
const hashDigits = 2 * sha1.Size

// source finds a hash, given in upper case.
type source interface {
	contains(ctx context.Context, hash string) (bool, error)
	// check tries the source, and returns what it found for an operator.
	check(ctx context.Context) (string, error)
}

// Checker compares passwords with a source. It implements reset.Breaches. The nil
// Checker finds nothing.
type Checker struct {
	source     source
	failClosed bool
	Log        *slog.Logger // of failures, if passwords are accepted then; may be nil
}

// New returns a checker. The source is the path of a file or the address of a range
// service. If it fails, passwords are accepted, or with failClosed refused.
func New(text string, failClosed bool) (c *Checker, err error) {
	c = &Checker{failClosed: failClosed}
	if strings.Contains(text, "://") {
		c.source, err = newService(text)
	} else {
		c.source, err = newFile(text)
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Contains implements reset.Breaches. It hashes the NFC form, which most people type.
func (c *Checker) Contains(ctx context.Context, plain string) (bool, error) {
	if c == nil {
		return false, nil
	}
	found, err := c.source.contains(ctx, digest(plain))
	switch {
	case err == nil:
		return found, nil
	case ctx.Err() != nil:
		return false, ctx.Err()
	case c.failClosed:
		return false, fmt.Errorf("%w: %w", reset.ErrUnchecked, err)
	}
	if c.Log != nil {
		c.Log.Warn("breached passwords can't be looked up, so a new password was accepted without it", "error", err)
	}
	return false, nil
}

// Check tries the source, and describes it. A complete source contains the most common
// password.
func (c *Checker) Check(ctx context.Context) (words string, complete bool, err error) {
	if words, err = c.source.check(ctx); err != nil {
		return "", false, err
	}
	complete, err = c.source.contains(ctx, digest("password"))
	return words, complete, err
}

// FailsClosed reports whether passwords are refused if the source fails.
func (c *Checker) FailsClosed() bool { return c.failClosed }

func digest(plain string) string {
	sum := sha1.Sum([]byte(norm.NFC.String(plain))) //nolint:gosec // the format of the published lists
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// errFormat does not quote the line, which may be a hash.
var errFormat = errors.New("a line is not a hash, a colon and a count")

// parse returns the hash of a line in upper case, and whether the line counts. A count of
// 0 marks a line that a range service added to hide the number of its lines.
func parse(line string, digits int) (hash string, counts bool, err error) {
	hash, count, counted := strings.Cut(strings.TrimRight(line, "\r"), ":")
	if len(hash) != digits || strings.Trim(hash, "0123456789abcdefABCDEF") != "" ||
		strings.Trim(count, "0123456789") != "" || counted != (count != "") {
		return "", false, errFormat
	}
	return strings.ToUpper(hash), !counted || strings.Trim(count, "0") != "", nil
}
