package config

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestUnknownVariables(t *testing.T) {
	for name, want := range map[string]string{
		"RESETD_TRUSTED_PROXY":      "RESETD_TRUSTED_PROXY: no setting has this name; did you mean RESETD_TRUSTED_PROXIES?",
		"RESETD_SECRET":             "RESETD_SECRET: no setting has this name; did you mean RESETD_SECRET_KEY?",
		"RESETD_XYZ":                "RESETD_XYZ: no setting has this name",
		"RESETD_trusted_proxies":    "RESETD_trusted_proxies: no setting has this name; did you mean RESETD_TRUSTED_PROXIES?",
		"resetd_addr":               "resetd_addr: no setting has this name; did you mean RESETD_ADDR?",
		"Resetd_Mail_URL":           "Resetd_Mail_URL: no setting has this name; did you mean RESETD_MAIL_URL?",
		"RESETD_TRUSTED_PROXIES":    "",
		"RESETD_BASE_URL":           "",
		"RESETD_LIMIT_IP":           "",
		"RESETD_DATABASE_URL":       "",
		"RESETD_DATABASE_URL_FILE":  "",
		"RESETD_PEPPER":             "",
		"RESETD_PORT":               "RESETD_PORT: no setting has this name",
		"RESETD_SMTP_PORT":          "RESETD_SMTP_PORT: no setting has this name",
		"RESETD_NAME":               "RESETD_NAME: no setting has this name",
		"RESETD_PORT_8080_TCP":      "",
		"RESETD_PORT_8080_TCP_PORT": "",
		"RESETD_SERVICE_HOST":       "",
		"RESETD_SERVICE_PORT_HTTP":  "",
		"RESETD_WEB_SERVICE_HOST":   "",
		"RESETD_WEB_PORT_80_TCP":    "",
		"OTHER_NAME":                "",
	} {
		got := ""
		if err := Unknown([]string{name + "=a secret", "PATH=/bin"}); err != nil {
			got = err.Error()
		}
		if got != want || strings.Contains(got, "secret") {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// Kubernetes and Docker set these.
func TestVariablesOfContainersAreNotReported(t *testing.T) {
	for _, pair := range []string{"RESETD_PORT=tcp://10.0.0.1:8080", "RESETD_WEB_PORT=tcp://10.0.0.1:80", "RESETD_NAME=/app/resetd", "RESETD_PORT_8080_TCP_ADDR=10.0.0.1"} {
		if err := Unknown([]string{pair}); err != nil {
			t.Errorf("%s: %v", pair, err)
		}
	}
}

// Each setting that is documented must be known.
func TestEverySettingIsKnown(t *testing.T) {
	text, err := os.ReadFile("../../docs/configuration.md")
	must(t, err)
	names := variableNames()
	documented := regexp.MustCompile(`RESETD_[A-Z_]*[A-Z]`).FindAllString(string(text), -1)
	for _, name := range documented {
		if !slices.Contains(names, name) {
			t.Errorf("%s is documented and not known", name)
		}
	}
	for _, name := range names {
		if !strings.HasSuffix(name, "_FILE") && !slices.Contains(documented, name) {
			t.Errorf("%s is not documented", name)
		}
	}
}
