package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

func printed(t *testing.T, args ...string) string {
	t.Helper()
	var b bytes.Buffer
	if status := run(t.Context(), args, func(string) string { return "" }, strings.NewReader(""), &b, &b); status != 0 {
		t.Fatalf("resetd %v: status %d\n%s", args, status, b.String())
	}
	return b.String()
}

func TestManualNamesEveryCommandAndSetting(t *testing.T) {
	text := printed(t, "manual")
	for _, want := range []string{`.TH RESETD 1`, ".B serve\n", ".B users set\\-password <email>", `\-\-link\-lifetime (RESETD_LINK_LIFETIME)`, ".B RESETD_SECRET_KEY\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
}

// bash itself runs the script.
func TestBashCompletes(t *testing.T) {
	script := printed(t, "completion", "bash")
	for _, special := range []string{"path=", "words=", "COMP_CWORD-1}"} { // zsh runs it too
		if strings.Contains(script, special) {
			t.Errorf("zsh gives %q another meaning:\n%s", special, script)
		}
	}
	for typed, want := range map[string]string{
		"resetd ser":                       "serve",
		"resetd --config x.env users set-": "set-password",
		"resetd users add --na":            "--name",
		"resetd --link":                    "--link-lifetime",
	} {
		asked := script + "\nCOMP_WORDS=(" + typed + "); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _resetd; echo \"${COMPREPLY[*]}\""
		out, err := exec.CommandContext(t.Context(), "bash", "-c", asked).CombinedOutput()
		if err != nil || strings.TrimSpace(string(out)) != want {
			t.Errorf("%s: got %q %v, want %q", typed, out, err, want)
		}
	}
	zshCompletes(t, printed(t, "completion", "zsh"))
	for _, shell := range []string{"zsh", "fish"} {
		if text := printed(t, "completion", shell); !strings.Contains(text, "healthcheck") {
			t.Errorf("%s:\n%s", shell, text)
		}
	}
}

// zshCompletes runs the script in zsh, if this machine has it.
func zshCompletes(t *testing.T, script string) {
	t.Helper()
	zsh, err := exec.LookPath("zsh")
	if err != nil {
		return
	}
	asked := "autoload -Uz compinit; compinit -u -D\n" + script + "\nemulate sh -c 'COMP_WORDS=(resetd --config x.env users set-); COMP_CWORD=4; _resetd; echo \"${COMPREPLY[*]}\"'"
	if out, err := exec.CommandContext(t.Context(), zsh, "-f", "-c", asked).CombinedOutput(); err != nil || !strings.HasPrefix(string(out), "add list ") { // zsh itself leaves out what was not begun
		t.Errorf("zsh: got %q %v, want what may follow users", out, err)
	}
}
