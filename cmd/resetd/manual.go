package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"resetd/internal/config"
)

type manualCmd struct{}

// Run implements resetd manual: it prints the man page (roff), made from the commands and
// flags themselves.
func (manualCmd) Run(in *invocation, k *kong.Context) error {
	_, err := io.WriteString(in.stdout, manual(k.Model.Node))
	return err
}

func manual(root *kong.Node) string {
	var b strings.Builder
	section := func(name string) { fmt.Fprintf(&b, ".SH %s\n", name) }
	entry := func(term, text string) { fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff(term), roff(text)) }
	number, _, _ := buildVersion()
	fmt.Fprintf(&b, ".TH RESETD 1 \"\" \"resetd %s\"\n", number)
	section("NAME")
	b.WriteString("resetd \\- password resets by emailed link, with a record of each\n")
	section("SYNOPSIS")
	b.WriteString(".B resetd\n[\\fIflags\\fR] \\fIcommand\\fR\n")
	section("COMMANDS")
	for _, c := range root.Leaves(true) {
		entry(strings.TrimPrefix(c.Path(), root.Name+" ")+arguments(c), c.Help)
	}
	section("OPTIONS")
	b.WriteString("Each flag can be set by the environment variable that is named with it, or in the file of\n.BR \\-\\-config .\n")
	for _, f := range root.Flags {
		if !f.Hidden {
			entry("--"+f.Name+" ("+config.Variable(f.Name)+")", f.Help)
		}
	}
	section("SECRETS")
	b.WriteString("They have no flags, because every user of the machine can see arguments. The file that NAME_FILE names may hold each of them.\n")
	for _, s := range config.SecretHelp() {
		entry(s.Name, s.Help)
	}
	section("FILES")
	entry("/etc/resetd/resetd.env", "the settings of the service, if it was installed from a package")
	section("EXIT STATUS")
	b.WriteString("0; 1 after a failure, with one line for each problem on standard error; 2 if the command line is wrong.\n")
	return b.String()
}

func arguments(c *kong.Node) (text string) {
	for _, a := range c.Positional {
		text += " " + a.Summary()
	}
	return text
}

// roff escapes a text.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}
