package cli

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/buildinfo"
	"github.com/dendro-carbon/dendro/internal/cli/args"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/web"
)

// serveFlags are the flags of dendro serve.
type serveFlags struct {
	ledgerFlags
	listen string
	demo   bool
}

func newServeCommand(io *streams) *cobra.Command {
	f := &serveFlags{}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Collect what hosts do, account for it, and answer over HTTP",
		Long: `Collect, attribute and serve. Without a configuration it measures the machine it
runs on, in slots of one minute. With one, it accounts for a facility whose hosts
a Prometheus server watches.

Slots are closed when they are due; after a downtime what was missed is caught up.
It may be killed at any instant: no closed slot is lost or counted twice. One
server writes to a data folder at a time; the other commands ask it.

--demo shows a simulated facility from memory. Nothing in it was measured, and
every answer says so.

Exit status: 0 stopped by a signal, 1 failed, 2 usage, 3 configuration not valid.`,
		Example: `  dendro serve
  dendro serve --config facility.yaml
  dendro serve --demo --listen 127.0.0.1:0`,
		Args: args.None,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), io) },
	}
	f.registerLocal(cmd)
	f.registerPseudonyms(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.listen, "listen", "", "the address to answer at, host:port; port 0 takes a free one")
	flags.BoolVar(&f.demo, "demo", false, "a simulated facility, kept in memory")
	return cmd
}

// stopWithin is how long a server has to end what goes on.
const stopWithin = 20 * time.Second

func (f *serveFlags) run(ctx context.Context, io *streams) error {
	flags := map[string]string{}
	if f.listen != "" {
		flags["listen"] = f.listen
	}
	if f.demo {
		if f.config != "" || f.data != "" {
			return usage("--demo has a configuration of its own and keeps nothing: leave out --config and --data")
		}
		flags["source.kind"] = config.SourceDemo
	}
	l, err := f.load(io, flags)
	if err != nil {
		return err
	}
	log := app.NewLog(l.Log, io.err)
	deps := app.Deps{Log: log}
	if err := app.Check(ctx, &l.Config, app.Deps{}); err != nil {
		return invalid(err)
	}
	server, err := app.New(ctx, &l.Config, deps)
	if err != nil {
		return err
	}
	server.Start()
	log.Info("serving", "url", server.URL(), "version", buildinfo.Read().String(), "source", l.Source.Kind, "data", l.Data)
	fmt.Fprint(io.out, greeting(l, server))
	select {
	case <-ctx.Done():
		log.Info("stopping", "reason", "signal")
	case <-server.Done():
		log.Error("stopping", "reason", "a part has failed")
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if err := server.Stop(stop); err != nil {
		return err
	}
	log.Info("stopped")
	return nil
}

// dashboard says what is to be known of the dashboard beside its address.
func dashboard() string {
	if site, err := web.New(); err == nil && site.Built() {
		return ""
	}
	return "  (not in this program: it was built without Node)"
}

// greeting says what runs and where to look.
func greeting(l *config.Loaded, server *app.App) string {
	url := server.URL()
	what := map[string]string{
		config.SourceHost:       "measures this machine",
		config.SourcePrometheus: "accounts for the hosts of " + l.Source.Prometheus.Server.URL,
		config.SourceDemo:       "shows a simulated facility; nothing of it was measured",
		config.SourceNone:       "accounts for services alone",
	}[l.Source.Kind]
	text := fmt.Sprintf("Dendro %s, in slots of %s.\n\n", what, diag.Duration(l.Slot))
	text += "  open  " + url + "/ui/" + dashboard() + "\n"
	text += "  API   " + url + "/api/v1/\n"
	grpc, http := server.Receiving()
	if grpc != "" {
		text += "  OTLP  " + grpc + " (gRPC)\n"
	}
	if http != "" {
		text += "  OTLP  http://" + http + "/v1/traces\n"
	}
	if l.Ledger != config.LedgerMemory {
		text += "  data  " + l.Data + "\n"
	}
	if l.Source.Kind == config.SourceHost {
		where := ""
		if l.Origin("data") != (config.Origin{}) {
			where = " --data " + l.Data
		}
		text += "\nThe first figures are there within two minutes: " + os.Args[0] + " query --by user,unit" + where + "\n"
	}
	return text + whereabouts(l) + "\nCtrl-C stops it.\n"
}

// whereabouts says what to do if nobody knows where it is that something runs.
func whereabouts(l *config.Loaded) string {
	switch {
	case l.Source.Kind == config.SourceNone && l.Services.Scoring.DefaultRegion == "":
		return "\nServices whose spans have no cloud.region have no carbon.\n" +
			"Say where they run by services.default_region in the configuration, or by services.regions.\n"
	case l.Source.Kind == config.SourceNone || l.Source.Kind == config.SourceDemo:
	case l.Origin("intensity.region") == (config.Origin{}) && len(l.Intensity.Places) == 0:
		return "\nWhere the machines stand is not known, so carbon is estimated by the world's average.\n" +
			"Say it by intensity.region in the configuration, or by DENDRO_INTENSITY_REGION=GB.\n"
	}
	return ""
}
