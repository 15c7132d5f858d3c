package config

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func writeSettings(t *testing.T, text string) string {
	t.Helper()
	path := t.TempDir() + "/resetd.env"
	must(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestSettingsFile(t *testing.T) {
	got, err := ReadFile(writeSettings(t, "\ufeff"+`# a comment
; another
RESETD_ACCENT_COLOR=#1d4ed8
RESETD_MAIL_PASSWORD = pa$$w#rd ; 'x'
RESETD_SITE_NAME="Example \"Shop\" \\ more"
RESETD_PEPPER="\$a`+"\\``"+`\b"
RESETD_SECRET_KEY='a"b\'

RESETD_MAIL_URL=smtp://mail.example.org:587?a=b`+"\r\nRESETD_LOGO=\n"))
	want := map[string]string{
		"RESETD_ACCENT_COLOR": "#1d4ed8", "RESETD_MAIL_PASSWORD": "pa$$w#rd ; 'x'", "RESETD_SITE_NAME": `Example "Shop" \ more`,
		"RESETD_PEPPER": "$a``\\b", "RESETD_SECRET_KEY": `a"b\`, "RESETD_MAIL_URL": "smtp://mail.example.org:587?a=b", "RESETD_LOGO": "",
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestSettingsFileErrorsNameLinesAndNoValues(t *testing.T) {
	for _, line := range []string{"secret", "=secret", "A B=secret", `A="secret`, `A='secret' more`, `A=secret\`, `A=sec\ret`, "1A=secret"} {
		_, err := ReadFile(writeSettings(t, "# first\n"+line+"\n"))
		if err == nil || !strings.Contains(err.Error(), "line 2: ") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: got %v, want the line and no value", line, err)
		}
	}
	if _, err := ReadFile(t.TempDir() + "/none"); err == nil {
		t.Error("a missing file is no error")
	}
}
