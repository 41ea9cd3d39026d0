package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/internal/remote"
)

// ledgerFlags say which ledger a command is about: that of a configuration, or
// the one that a server has.
type ledgerFlags struct {
	config, data, server string
	pseudonyms           bool
}

func (f *ledgerFlags) register(cmd *cobra.Command) {
	f.registerLocal(cmd)
	cmd.Flags().StringVar(&f.server, "server", "", "ask the server at this address (default: the one that runs on the data, if one does)")
}

// registerLocal leaves out --server.
func (f *ledgerFlags) registerLocal(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&f.config, "config", "c", "", "the configuration file (default: $DENDRO_CONFIG, else none)")
	flags.StringVar(&f.data, "data", "", "the folder of the ledger")
}

// registerPseudonyms adds the flag of commands that show people.
func (f *ledgerFlags) registerPseudonyms(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.pseudonyms, "pseudonyms", false, "show people by pseudonyms that stay the same; questions about one name the pseudonym")
}

// load reads the configuration with the flags of the command, by path of setting,
// over it. What is wrong with it is printed, and ends the program with status 3.
func (f *ledgerFlags) load(io *streams, flags map[string]string) (*config.Loaded, error) {
	if f.data != "" {
		if flags == nil {
			flags = map[string]string{}
		}
		flags["data"] = f.data
	}
	if f.pseudonyms {
		if flags == nil {
			flags = map[string]string{}
		}
		flags["people.pseudonyms"] = "true"
	}
	env := os.Environ()
	if flags["source.kind"] == config.SourceDemo { // what is set for a real facility is not for this one
		env = slices.DeleteFunc(env, func(entry string) bool {
			return strings.HasPrefix(entry, "DENDRO_") && !strings.HasPrefix(entry, "DENDRO_LISTEN=") &&
				!strings.HasPrefix(entry, "DENDRO_LOG_") && !strings.HasPrefix(entry, "DENDRO_AUTH_")
		})
	}
	l, err := config.Load(config.Input{File: f.config, Env: env, Flags: flags})
	if err != nil {
		return nil, io.refuse(err, statusInvalid)
	}
	for _, w := range l.Warnings {
		fmt.Fprintf(io.err, "warning: %s\n", w)
	}
	return l, nil
}

// tokenVariable is where a token for --server is taken from: on the command line
// everybody on the machine could see it.
const tokenVariable = "DENDRO_TOKEN"

// ledger returns the server to ask, or the configuration of the ledger to open
// when no server runs on it.
func (f *ledgerFlags) ledger(ctx context.Context, io *streams) (*remote.Client, *config.Loaded, error) {
	if f.server != "" {
		c, err := serverAt(f.server)
		return c, nil, err
	}
	l, err := f.load(io, nil)
	if err != nil {
		return nil, nil, err
	}
	if l.Ledger == config.LedgerMemory {
		return nil, nil, hint(errors.New("this ledger is in the memory of its server"), "name the server by --server")
	}
	c, err := remote.Find(ctx, l.Data)
	switch {
	case err == nil:
		return c, l, nil
	case ctx.Err() != nil:
		return nil, nil, context.Cause(ctx)
	case errors.Is(err, remote.ErrNoServer):
		return nil, l, nil
	}
	return nil, nil, err
}

// open opens the ledger of a configuration for one command, and returns what
// closes it.
func (f *ledgerFlags) open(ctx context.Context, io *streams, l *config.Loaded, access app.Access) (*app.Parts, func(), error) {
	unset := l.Origin("slot") == (config.Origin{}) && l.Origin("time_zone") == (config.Origin{})
	p, err := app.Open(ctx, &l.Config, app.Deps{Log: io.log(l), AsStored: unset}, access)
	if err != nil {
		return nil, nil, err
	}
	return p, func() {
		if err := p.Close(context.WithoutCancel(ctx)); err != nil {
			fmt.Fprintf(io.err, "dendro: %v\n", err)
		}
	}, nil
}

// log returns the log of a command: it prints its result, and not its story unless that
// is asked for.
func (s *streams) log(l *config.Loaded) *slog.Logger {
	quiet := l.Log
	if l.Origin("log.level") == (config.Origin{}) {
		quiet.Level = "warn"
	}
	return app.NewLog(quiet, s.err)
}

// windowFlags are the flags that name a span of time.
type windowFlags struct{ query.Window }

func (f *windowFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.From, "from", "", "first date of the window, or the instant at which it begins")
	flags.StringVar(&f.To, "to", "", "last date of the window (inclusive), or the instant at which it ends (exclusive)")
	flags.StringVar(&f.Month, "month", "", "a month instead, such as 2026-01")
	flags.StringVar(&f.Quarter, "quarter", "", "a quarter instead, such as 2026-Q1")
}

// given reports whether a window is named at all.
func (f *windowFlags) given() error {
	if f.Window == (query.Window{}) {
		return usage("no window given: name one by --from and --to, --month or --quarter")
	}
	return nil
}

// asked turns errors about a question into the status of a wrong command line, in
// the words of flags.
func asked(err error) error {
	if errors.Is(err, query.ErrQuestion) {
		return withStatus(statusUsage, errors.New(flagWords(err.Error())))
	}
	return err
}

// flagWords names parameters as flags.
func flagWords(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		for _, name := range []string{"from", "to", "month", "quarter", "step", "sort", "top", "where", "by", "as_known_at", "at", "account", "policy", "compare", "pseudonyms"} {
			if rest, ok := strings.CutPrefix(line, name+": "); ok {
				lines[i] = "--" + strings.ReplaceAll(name, "_", "-") + ": " + rest
				break
			}
		}
	}
	return strings.Join(lines, "\n")
}
