package mail

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// folder writes each email to a file that mail programs can open. The links in the
// files work, so other users must not be able to read them.
type folder struct{ dir string }

func newFolder(rest string) (Transport, error) {
	dir := strings.TrimPrefix(rest, "//")
	if dir == "" {
		return nil, errors.New("file: needs a folder, such as file:var/mail")
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, errors.New("file: needs a folder, but this path is a file")
	}
	return folder{dir}, nil
}

// Open implements Transport.
func (f folder) Open(context.Context) (Conn, error) {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return nil, failedFile(err)
	}
	return f, nil
}

// Send implements Conn. The file gets its final name when it is complete.
func (f folder) Send(_ context.Context, m *gomail.Msg) (string, error) {
	temp, err := os.CreateTemp(f.dir, ".mail-*") // mode 0600
	if err != nil {
		return "", failedFile(err)
	}
	defer func() { _ = os.Remove(temp.Name()) }()
	_, err = m.WriteTo(temp)
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return "", failedFile(err)
	}
	name := fileName(time.Now(), m.GetMessageID())
	if err := os.Rename(temp.Name(), filepath.Join(f.dir, name)); err != nil {
		return "", failedFile(err)
	}
	return "written to " + name, nil
}

// Close implements Conn.
func (folder) Close() error { return nil }

// fileName returns a name that sorts by time. The delivery's id makes it unique.
func fileName(at time.Time, messageID string) string {
	id, _, _ := strings.Cut(strings.Trim(messageID, "<>"), "@")
	return at.UTC().Format("20060102T150405.000000000Z") + "-" + filepath.Base(id) + ".eml"
}

func failedFile(err error) error {
	return &Error{Text: clip("the email can't be written to a file: " + err.Error()), cause: err}
}
