package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"resetd/internal/config"
	"resetd/internal/history"
	"resetd/internal/metrics"
)

// Exit statuses.
const (
	exitFailed = 1
	exitUsage  = 2
	// exitLater makes a mail server keep a message and try again (EX_TEMPFAIL of
	// sysexits.h).
	exitLater = 75
)

// cli contains all commands and flags.
type cli struct {
	config.Settings `group:"Configuration, by flag or by variable:"`

	Config settingsFile `help:"File of settings: lines RESETD_NAME=VALUE. Variables of the environment take precedence." placeholder:"FILE"`

	Demo        demoCmd        `cmd:"" help:"Try it: SQLite under var/, demo accounts, emails in the browser. Uses only --addr and --base-url."`
	Init        initCmd        `cmd:"" help:"Ask three questions and write a file of settings; overwrite nothing."`
	Serve       serveCmd       `cmd:"" help:"Run the service, configured by the environment."`
	Migrate     migrateCmd     `cmd:"" help:"Create or change the tables."`
	Check       checkCmd       `cmd:"" help:"Check the configuration; change nothing."`
	Mail        mailCmd        `cmd:"" help:"Try the mail server."`
	Bounces     bouncesCmd     `cmd:"" help:"Record emails that came back, from a Maildir or standard input."`
	Users       usersCmd       `cmd:"" help:"Manage the built-in accounts."`
	Accounts    accountsCmd    `cmd:"" help:"Presets for the accounts of other applications."`
	Staff       staffCmd       `cmd:"" help:"Manage the support staff, who may look at resets and act."`
	Purge       purgeCmd       `cmd:"" help:"Remove old resets from the record."`
	Backup      backupCmd      `cmd:"" help:"Copy a running SQLite database to a file."`
	Copy        copyCmd        `cmd:"" help:"Copy everything from SQLite to an empty PostgreSQL database."`
	History     historyCmd     `cmd:"" help:"Print the newest resets of an address, an account or an IP address."`
	Healthcheck healthcheckCmd `cmd:"" help:"Ask the running service on this machine for its health; for containers."`
	Completion  completionCmd  `cmd:"" help:"Print the completion of commands and flags for a shell."`
	Manual      manualCmd      `cmd:"" hidden:"" help:"Print the man page."`
	Version     versionCmd     `cmd:"" help:"Print the version, the commit and the Go version."`
}

// invocation is the environment of a command, and what parse found in it.
type invocation struct {
	ctx            context.Context // one process, one invocation
	args           []string
	environ        func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer

	getenv   func(string) string // of the environment, then of the file
	file     fileSettings
	settings config.Settings
	metrics  *metrics.Metrics // of resetd serve
}

// run is the whole program. It returns the exit status.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	in := &invocation{ctx: ctx, args: args, environ: getenv, stdin: stdin, stdout: stdout, stderr: stderr}
	command, status, err := in.parse()
	if err != nil || command == nil {
		return complain(stderr, err, status)
	}
	err = command.Run(in)
	if status = exitFailed; errors.Is(err, errLater) {
		status = exitLater
	}
	return complain(stderr, err, status)
}

// parse reads the arguments and the settings. It returns no command after --help, and
// with an error the exit status.
func (in *invocation) parse() (command *kong.Context, status int, err error) {
	var c cli
	exited := false
	in.file = fileSettings{}
	in.getenv = in.file.behind(in.environ)
	parser, err := kong.New(&c,
		kong.Name("resetd"),
		kong.Description("Password resets by emailed link, with a record of each. Flags can be set as variables: --base-url is RESETD_BASE_URL. "+
			"Secrets are variables only: RESETD_SECRET_KEY, RESETD_DATABASE_URL, RESETD_ACCOUNTS_DATABASE_URL, RESETD_MAIL_URL, RESETD_MAIL_PASSWORD, RESETD_OIDC_CLIENT_SECRET, RESETD_PEPPER, or files that these with _FILE name."),
		kong.Writers(in.stdout, in.stderr),
		kong.Exit(func(int) { exited = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: false}),
		kong.Resolvers(variables(in.getenv)),
		kong.Bind(in.file),
		kong.Vars{"statuses": commas(history.Statuses), "reasons": commas(history.Reasons)},
	)
	if err != nil {
		return nil, exitFailed, err
	}
	command, err = parser.Parse(usual(in.args))
	switch {
	case exited: // after --help
		return nil, 0, nil
	case err != nil:
		return nil, usageStatus(err), fmt.Errorf("%w; see resetd --help", err)
	}
	in.settings = c.Settings
	return command, 0, nil
}

// usageStatus returns the exit status of arguments that were refused. A mail server must
// keep the message that it pipes to bounces, also if the file of settings can't be read.
func usageStatus(err error) int {
	var wrong *kong.ParseError
	if errors.As(err, &wrong) && wrong.Context.Command() == "bounces" {
		return exitLater
	}
	return exitUsage
}

// usual turns what people try first, "help serve" and "--version", into "serve --help"
// and "version".
func usual(args []string) []string {
	switch {
	case len(args) > 0 && args[0] == "help":
		return append(slices.Clone(args[1:]), "--help")
	case len(args) == 1 && args[0] == "--version":
		return []string{"version"}
	default:
		return args
	}
}

// variables returns the values of the environment variables for flags that are not
// set.
func variables(getenv func(string) string) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, parent *kong.Path, flag *kong.Flag) (any, error) {
		if parent.App == nil { // a flag of a command
			return nil, nil // means "no value"
		}
		if value := getenv(config.Variable(flag.Name)); value != "" {
			return value, nil
		}
		return nil, nil
	})
}

// complain prints an error with one line per problem, and returns the status; 0 without
// an error.
func complain(w io.Writer, err error, status int) int {
	if err == nil {
		return 0
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		_, _ = fmt.Fprintln(w, "resetd:", line)
	}
	return status
}

// config parses the settings and secrets of this invocation, or returns all their
// problems.
func (in *invocation) config() (config.Config, error) {
	secrets, err := config.ReadSecrets(in.getenv)
	cfg, errCheck := config.Check(in.settings, secrets)
	if cfg.Breached != nil {
		cfg.Breached.Log = slog.New(slog.NewTextHandler(in.stderr, nil))
	}
	return cfg, errors.Join(err, errCheck)
}
