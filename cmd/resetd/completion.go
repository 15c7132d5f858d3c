package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run implements resetd completion: it prints a script that completes commands and flags.
func (cmd *completionCmd) Run(in *invocation, k *kong.Context) error {
	script := map[string]func(*kong.Node) string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}[cmd.Shell]
	_, err := io.WriteString(in.stdout, script(k.Model.Node))
	return err
}

// commands calls f for the program and each of its commands, with its path: "" for the
// program, "users add" for a command in a group.
func commands(n *kong.Node, path string, f func(n *kong.Node, path string)) {
	f(n, path)
	for _, c := range n.Children {
		if !c.Hidden {
			commands(c, strings.TrimSpace(path+" "+c.Name), f)
		}
	}
}

// following returns what may follow a command.
func following(n *kong.Node) (all []string) {
	for _, c := range n.Children {
		if !c.Hidden {
			all = append(all, c.Name)
		}
	}
	for _, f := range n.Flags {
		if !f.Hidden {
			all = append(all, "--"+f.Name)
		}
	}
	return all
}

// bashCompletion returns a function that zsh understands too. So it uses neither path nor
// words, which are special there.
func bashCompletion(root *kong.Node) string {
	var paths, cases strings.Builder
	commands(root, "", func(n *kong.Node, path string) {
		if path != "" {
			fmt.Fprintf(&paths, "|%q", path)
		}
		fmt.Fprintf(&cases, "\t%q) next=%q ;;\n", path, strings.Join(following(n), " "))
	})
	return `_resetd() {
	local current="${COMP_WORDS[COMP_CWORD]}" typed= word next=
	for word in "${COMP_WORDS[@]:1:$((COMP_CWORD - 1))}"; do
		case "${typed:+$typed }$word" in
		` + strings.TrimPrefix(paths.String(), "|") + `) typed="${typed:+$typed }$word" ;;
		esac
	done
	case "$typed" in
` + cases.String() + `	esac
	COMPREPLY=($(compgen -W "$next" -- "$current"))
}
complete -o default -F _resetd resetd
`
}

// zshCompletion returns a script that zsh loads when somebody completes resetd for the
// first time. Then it defines the function that completes, and has to call it once.
func zshCompletion(root *kong.Node) string {
	return "#compdef resetd\nautoload -U +X bashcompinit && bashcompinit\n" + bashCompletion(root) +
		"if [ \"${funcstack[1]}\" = _resetd ]; then _bash_complete -o default -F _resetd; fi\n"
}

func fishCompletion(root *kong.Node) string {
	var b strings.Builder
	quote := func(text string) string { return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'" }
	commands(root, "", func(n *kong.Node, path string) {
		when := "__fish_use_subcommand"
		if path != "" {
			when = "__fish_seen_subcommand_from " + n.Name
		}
		for _, c := range n.Children {
			if !c.Hidden {
				fmt.Fprintf(&b, "complete -c resetd -f -n %s -a %s -d %s\n", quote(when), c.Name, quote(c.Help))
			}
		}
		for _, f := range n.Flags {
			condition := "-n " + quote(when) + " "
			if path == "" {
				condition = ""
			}
			if !f.Hidden {
				fmt.Fprintf(&b, "complete -c resetd %s-l %s -d %s\n", condition, f.Name, quote(f.Help))
			}
		}
	})
	return b.String()
}
