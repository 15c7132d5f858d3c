package main

import (
	"fmt"
	"text/tabwriter"

	"resetd/internal/accounts"
)

type accountsCmd struct {
	Presets accountsPresetsCmd `cmd:"" help:"List the presets: values of RESETD_ACCOUNTS."`
	Show    accountsShowCmd    `cmd:"" help:"Print a preset, to read it or to change a copy."`
}

type accountsPresetsCmd struct{}

type accountsShowCmd struct {
	Name string `arg:"" help:"Name of the preset, and options behind it: devise,lockable."`
}

// Run implements resetd accounts presets.
func (accountsPresetsCmd) Run(in *invocation) error {
	w := tabwriter.NewWriter(in.stdout, 0, 0, 2, ' ', 0)
	for _, name := range accounts.Presets() {
		summary, err := accounts.Summary(name)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\n", name, summary)
	}
	return w.Flush()
}

// Run implements resetd accounts show.
func (cmd *accountsShowCmd) Run(in *invocation) error {
	text, err := accounts.Preset(cmd.Name)
	if err != nil {
		return err
	}
	_, err = in.stdout.Write(text)
	return err
}
