// Package plugin is what all plugins have in common: the contract with the
// engine, and the steps around the calculation that is a plugin's own (config and
// rows checked in the original's words, expressions, mapping, the name of the
// output).
//
// A plugin never sees the tree. It gets a frame and returns a new one; what it
// needs of the outside (files, the network, a shell) it asks of its [Env]. A
// plugin is written as a [Method], whose Bind reads the config from [Settings]
// and returns a [Runner], which works on a [Call].
package plugin

import (
	"context"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Plugin is an instance of a builtin, made of one entry of
// initialize.plugins. It is safe for use by several goroutines at once.
type Plugin interface {
	// Run returns the observations with the plugin's results. It does not change
	// in, with which the result may share columns. Errors are *diag.Problem or
	// diag.List with class, text, row and metric set; the caller adds file,
	// component, plugin and time.
	Run(ctx context.Context, env *Env, in *frame.Frame) (*frame.Frame, error)
}

// Spec is an entry of initialize.plugins, as written.
type Spec struct {
	Name    string     // the instance's name
	Method  string     // such as Sum
	Config  *value.Map // nil when there is none
	Mapping *value.Map // nil when there is none
}

// Env is what a plugin may use beside its observations.
type Env struct {
	Options compat.Options
	// Metrics tells how each metric is aggregated; time-sync needs it.
	Metrics *metric.Registry
	// First is true in the component that uses the instance first, in the order
	// of the tree; under [compat.Options].MappingOnce the mapping works there only.
	First bool
	// Files opens what csv-import and csv-lookup read.
	Files Files
	// AllowShell permits the shell plugin.
	AllowShell bool
	// Notice reports a place where the default differs from Impact Framework, by
	// the name of the difference in [compat.Table], and what it means here. It
	// may be called any number of times; each place is reported once.
	Notice func(difference, detail string)
	// Warn reports what a user should know though the run goes on.
	Warn func(text string)
}

// Files reads tables by path or URL, each once per run.
type Files interface {
	// Table returns the records of a CSV file in the given dialect. The frame is
	// shared: all components that read the same file get the same one.
	Table(ctx context.Context, path string, dialect Dialect) (*frame.Frame, error)
}

// Dialect says how the fields of a CSV file become values.
type Dialect struct {
	// CastLoosely reads any field that begins like a number as that number ("007"
	// is 7, "0x10" is 0), as Impact Framework does.
	CastLoosely bool
}

// Metadata is what a plugin says of the metrics that it reads and writes.
type Metadata struct {
	Inputs, Outputs []metric.Info
}
