package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The file explains every variable, and sets none before somebody does.
func TestTemplateExplainsEveryVariable(t *testing.T) {
	text := Template()
	if got, err := ReadFile(writeSettings(t, text)); err != nil || len(got) != 0 {
		t.Errorf("it sets %v %v, want nothing", got, err)
	}
	for _, v := range variables() {
		if v.help == "" || strings.Count(text, "\n#"+v.name+"="+v.preset+"\n") != 1 {
			t.Errorf("%s is not explained once", v.name)
		}
	}
}

func TestSetReplacesTheExplanation(t *testing.T) {
	text, want := Template(), map[string]string{
		"RESETD_SITE_NAME": `Example "Shop" \ more`, "RESETD_SECRET_KEY": "a+b/c=", "RESETD_ACCENT_COLOR": "#123456", "RESETD_NEW": "; x",
	}
	for name, value := range want {
		text = Set(text, name, value)
	}
	got, err := ReadFile(writeSettings(t, text))
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if strings.Contains(text, "#RESETD_SITE_NAME") || !strings.HasPrefix(text, "# Settings") {
		t.Errorf("got:\n%s", text)
	}
}
