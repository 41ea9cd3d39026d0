package builtin

import (
	"context"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/value"
)

// runner is a method with its config read. It is safe for use by several
// goroutines: what changes is in the call.
type runner interface {
	// check looks at the rows before anything is computed. It may complete them
	// with defaults by replacing c.in.
	check(c *call) error
	// compute returns the rows with the results. It does not change c.in.
	compute(ctx context.Context, c *call) (*frame.Frame, error)
}

// call is one run of a plugin.
type call struct {
	env     *Env
	options compat.Options
	in      *frame.Frame
	mapping *value.Map // plugin-side to data-side names; nil where names are as in the data
}

// notice reports that the default differs from Impact Framework here.
func (c *call) notice(difference, detail string) {
	if c.env.Notice != nil {
		c.env.Notice(difference, detail)
	}
}

func (c *call) warn(text string) {
	if c.env.Warn != nil {
		c.env.Warn(text)
	}
}

// instance is a [Plugin]: the steps that all methods share around the runner of
// one. It is immutable.
type instance struct {
	method  method
	spec    Spec
	options compat.Options
	// first is for the component that uses the instance first, later for all
	// others. They differ under MappingOnce only.
	first, later *binding
}

// binding is a method bound to a config.
type binding struct {
	runner  runner
	problem *diag.Problem // what is wrong in the config, nil if nothing is
	mapping *value.Map    // the mapping that is in force
}

func newInstance(m method, spec Spec, opts compat.Options) *instance {
	p := &instance{method: m, spec: spec, options: opts}
	p.first = p.bind(spec.Config, spec.Mapping)
	p.later = p.first
	return p
}

func (p *instance) bind(config, mapping *value.Map) *binding {
	s := &settings{config: config, options: p.options}
	b := &binding{mapping: mapping}
	b.runner = p.method.bind(s)
	b.problem = s.problem
	return b
}

// Run implements [Plugin].
func (p *instance) Run(ctx context.Context, env *Env, in *frame.Frame) (*frame.Frame, error) {
	b := p.later
	if env.First {
		b = p.first
	}
	if in == nil {
		in = frame.New(0)
	}
	c := &call{env: env, options: p.options, in: in, mapping: b.mapping}
	if b.problem != nil {
		problem := *b.problem // the caller adds the place
		return nil, &problem
	}
	if err := b.runner.check(c); err != nil {
		return nil, err
	}
	return b.runner.compute(ctx, c)
}
