package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"

	"resetd/internal/testkit/postgres"
)

const usage = `usage: withpostgres [-durable] [-set name=value ...] -- command [argument ...]
       withpostgres -where

  -durable  keep fsync and synchronous_commit on, for benchmarks and for tests
            that kill the server; without this flag they are off, and a crash
            of the server can lose data
  -set      change a setting of the server, for example shared_buffers=1GB;
            may be repeated
  -where    print the folder of the PostgreSQL programs and run no command
`

const (
	statusFailed   = 1
	statusUsage    = 2
	statusNotFound = 127
	statusBySignal = 128
)

func main() {
	// On Linux the child gets its death signal when the thread that started it ends.
	// The main thread ends only with the process.
	runtime.LockOSThread()
	os.Exit(run(os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

func run(args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("withpostgres", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage) }
	var o postgres.Options
	flags.BoolVar(&o.Durable, "durable", false, "")
	flags.Func("set", "", func(setting string) error {
		o.Settings = append(o.Settings, setting)
		return nil
	})
	where := flags.Bool("where", false, "")
	keeper := flags.Bool("keeper", false, "") // internal: run as the keeper
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return statusUsage
	}

	var status int
	var err error
	switch {
	case *where:
		var dir string
		if dir, err = postgres.Programs(); err == nil {
			fmt.Fprintln(stdout, dir)
		}
	case *keeper:
		err = keep(o)
	case flags.NArg() == 0:
		flags.Usage()
		return statusUsage
	default:
		status, err = runCommand(flags.Args(), getenv(postgres.URLVariable), o)
	}
	if err != nil {
		fmt.Fprintln(stderr, "withpostgres:", err)
		status = max(status, statusFailed)
	}
	return status
}

// runCommand runs the command and returns its exit status. The command uses the server at
// url. If url is empty, runCommand starts a server for it.
func runCommand(argv []string, url string, o postgres.Options) (int, error) {
	if _, err := exec.LookPath(argv[0]); err != nil {
		return statusNotFound, err // fail before starting a server
	}

	// From here on, no signal ends this process. It forwards signals to the command.
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)

	if url != "" {
		return runAgainst(url, argv, signals)
	}
	server, err := startServer(o, signals)
	if err != nil {
		return statusFailed, err
	}
	status, err := runAgainst(server.url, argv, signals)
	return status, errors.Join(err, server.stop())
}

func runAgainst(url string, argv []string, signals <-chan os.Signal) (int, error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), postgres.URLVariable+"="+url)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	// The command has its own process group. So it and its children get each signal only
	// once, from this process and not from the terminal. Such a group can't read from
	// the terminal, so the command has no standard input.
	cmd.SysProcAttr = postgres.DiesWithParent(syscall.SIGTERM)
	cmd.SysProcAttr.Setpgid = true
	if err := cmd.Start(); err != nil {
		return statusNotFound, err
	}

	ended := make(chan struct{})
	defer close(ended)
	go func() {
		for {
			select {
			case s := <-signals:
				if s, ok := s.(syscall.Signal); ok {
					// An error means that the group has ended.
					_ = syscall.Kill(-cmd.Process.Pid, s)
				}
			case <-ended:
				return
			}
		}
	}()
	return exitStatus(cmd.Wait())
}

// exitStatus returns the exit status of a command as a shell does.
func exitStatus(err error) (int, error) {
	if err == nil {
		return 0, nil
	}
	exit := (*exec.ExitError)(nil)
	if !errors.As(err, &exit) {
		return statusFailed, err
	}
	if wait, ok := exit.Sys().(syscall.WaitStatus); ok && wait.Signaled() {
		return statusBySignal + int(wait.Signal()), nil
	}
	return exit.ExitCode(), nil
}
