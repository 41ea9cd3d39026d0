package builtin

import (
	"context"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
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
	// mapping gives plugin-side names their data-side ones; nil where the rows
	// have the plugin's names already.
	mapping *value.Map
	// evaluated is the config after its expressions were evaluated as text; nil
	// when they are not, or there are no rows.
	evaluated *value.Map
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

// method is what one builtin has of its own. What all have in common is in
// [instance].
type method struct {
	name string
	// bind reads the config and returns what runs; what is wrong goes to s.
	bind func(s *settings) runner
	// evaluates says that input texts and the name of the output may be
	// expressions, and that the values of the keys in expressions may be.
	evaluates   bool
	expressions []string
	// reshapes says that the result may have more or fewer rows than the input.
	reshapes bool
	// settle, if set, returns the config as Impact Framework leaves it behind.
	settle func(config *value.Map, o compat.Options) *value.Map
}

// instance is a [Plugin]: the steps that all methods share around the runner of
// one. It is immutable.
type instance struct {
	method  method
	spec    Spec
	options compat.Options
	// first is for the component that uses the instance first, later for all
	// others. They differ only where the mapping works once.
	first, later *binding
	// consumed says that Impact Framework's first component uses some of the
	// mapping up.
	consumed bool
}

// binding is a method bound to a config.
type binding struct {
	config  *value.Map // with mapped names, where that is how a mapping works
	mapping *value.Map // what is left of the mapping then
	runner  runner
	problem *diag.Problem // what is wrong in the config; nil if nothing is
	early   bool          // the problem stands before any look at the inputs
	late    *diag.Problem // ends the run once the rows have been found right
	script  *script       // the expressions of the config, when they are evaluated as text
}

func newInstance(m method, spec Spec, opts compat.Options) *instance {
	p := &instance{method: m, spec: spec, options: opts}
	mapped, rest, err := mapConfig(spec.Config, spec.Mapping)
	p.consumed = rest.Len() < spec.Mapping.Len()
	if !opts.MappingOnce {
		p.first = p.bind(spec.Config, nil, nil)
		p.later = p.first
		return p
	}
	p.first = p.bind(mapped, rest, err)
	p.later = p.first
	if p.consumed {
		p.later = p.bind(mapConfig(spec.Config, rest))
	}
	return p
}

// bind reads a config. An error is what was wrong with it before.
func (p *instance) bind(config, mapping *value.Map, err error) *binding {
	b := &binding{config: config, mapping: mapping}
	if err == nil && p.method.evaluates && scripted(p.options) {
		b.config, err = simplified(config)
	}
	if err != nil {
		b.problem, b.early = asProblem(err), true
		return b
	}
	s := &settings{config: b.config, options: p.options}
	b.runner = p.method.bind(s)
	if p.method.evaluates && scripted(p.options) {
		s.checkNames()
	}
	b.problem, b.late = s.problem, s.late
	if p.method.evaluates && scripted(p.options) {
		b.script = newScript(b.config, p.method.expressions)
	}
	return b
}

// problems returns what can be said against the entry without any rows.
func (p *instance) problems() diag.List {
	var problems diag.List
	for _, problem := range []*diag.Problem{p.first.problem, p.first.late} {
		if problem != nil {
			problems.Add(own(problem))
		}
	}
	if len(problems) == 0 && p.first.script != nil {
		problems.Add(p.first.script.check())
	}
	return problems
}

// after returns the entry as a run leaves it that used it.
func (p *instance) after() Spec {
	spec := p.spec
	if p.options.MappingOnce {
		spec.Mapping = p.later.mapping
	}
	if spec.Mapping != nil || spec.Config == nil {
		return spec
	}
	if p.method.evaluates && scripted(p.options) {
		spec.Config, _ = simplified(spec.Config) // an error would have ended the run
		for _, key := range spec.Config.Keys() {
			if spec.Config.Get(key).Kind() == value.Absent {
				spec.Config.Delete(key) // arithmetic without a value
			}
		}
	}
	if p.method.settle != nil {
		spec.Config = p.method.settle(spec.Config, p.options)
	}
	return spec
}

// simplified returns the config with constant expressions replaced by their
// values.
func simplified(config *value.Map) (*value.Map, error) {
	out := config.Clone()
	for i := range config.Len() {
		v, err := expr.ScriptSimple(config.At(i))
		if err != nil {
			problem := asProblem(err)
			problem.Line = config.LineAt(i)
			return out, problem
		}
		out.Set(config.Key(i), v)
	}
	return out, nil
}

// Run implements [Plugin].
func (p *instance) Run(ctx context.Context, env *Env, in *frame.Frame) (*frame.Frame, error) {
	if in == nil {
		in = frame.New(0)
	}
	b := p.later
	if env.First {
		b = p.first
	}
	c := &call{env: env, options: p.options, in: in}
	if !p.options.MappingOnce {
		c.mapping = p.spec.Mapping
	}
	if err := p.prepare(c, b); err != nil {
		return nil, err
	}
	if b.mapping.Len() > 0 {
		c.in = mapInputs(c.in, b.mapping)
	}
	out, err := b.runner.compute(ctx, c)
	if err != nil {
		return nil, err
	}
	return p.finish(c, b, out)
}

// prepare evaluates what is to be evaluated and checks config and rows, in the
// order in which Impact Framework comes across what is wrong.
func (p *instance) prepare(c *call, b *binding) error {
	if p.consumed && !p.options.MappingOnce && !c.env.First {
		c.notice("mapping-once", "Impact Framework applies the mapping of "+p.spec.Name+" in its first component only")
	}
	if p.method.evaluates && !b.early {
		if err := p.evaluate(c, b); err != nil {
			return err
		}
	}
	if b.problem != nil {
		return own(b.problem)
	}
	if err := b.runner.check(c); err != nil {
		return err
	}
	if b.late != nil && c.in.Len() > 0 {
		return own(b.late)
	}
	return nil
}

// own returns a copy of a problem, to which the caller may add the place.
func own(problem *diag.Problem) error {
	p := *problem
	return &p
}

// finish gives the rows the names that they have in the data.
func (p *instance) finish(c *call, b *binding, out *frame.Frame) (*frame.Frame, error) {
	if p.method.evaluates && out.Len() == 0 && p.options.EmptyInputsFail {
		return nil, diag.New("TypeError", "Cannot convert undefined or null to object").
			WithHint("give the component inputs: Impact Framework's %s fails without any", p.method.name)
	}
	var err error
	if p.method.evaluates && scripted(p.options) && out.Len() > 0 {
		if out, err = c.scriptOutput(out); err != nil {
			return nil, err
		}
	}
	switch {
	case b.mapping.Len() > 0:
		out = mapOutputs(c.in, out, b.mapping)
	case p.method.reshapes && p.options.InputLeak:
		out = overlay(c.in, out)
	}
	if scripted(p.options) {
		out = withoutAbsent(out)
	}
	if p.options.IntegerKeysFirst {
		out = withIntegersFirst(out)
	}
	return out, nil
}
