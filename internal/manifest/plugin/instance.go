package plugin

import (
	"context"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Runner is a method with its config read. It is safe for use by several
// goroutines: what changes is in the [Call].
type Runner interface {
	// Check looks at the rows before anything is computed. It may complete them
	// with defaults by replacing c.In.
	Check(c *Call) error
	// Compute returns the rows with the results. It does not change c.In.
	Compute(ctx context.Context, c *Call) (*frame.Frame, error)
}

// Call is one run of a plugin.
type Call struct {
	Env     *Env
	Options compat.Options
	In      *frame.Frame // the rows, their expressions evaluated
	// Mapping gives plugin-side names their data-side ones; nil where the rows
	// have the plugin's names already.
	Mapping *value.Map
	// Evaluated is the config after its expressions were evaluated as text; nil
	// when they are not, or there are no rows.
	Evaluated *value.Map
}

// Notice reports that the default differs from Impact Framework here.
func (c *Call) Notice(difference, detail string) {
	if c.Env.Notice != nil {
		c.Env.Notice(difference, detail)
	}
}

// Warn reports what a user should know though the run goes on.
func (c *Call) Warn(text string) {
	if c.Env.Warn != nil {
		c.Env.Warn(text)
	}
}

// Method is what one builtin has of its own. What all have in common is in
// [Instance].
type Method struct {
	Name string
	// Bind reads the config and returns what runs; what is wrong goes to s.
	Bind func(s *Settings) Runner
	// Evaluates says that input texts and the name of the output may be
	// expressions, and that the config values of the keys in Expressions may be.
	Evaluates   bool
	Expressions []string
	// Reshapes says that the result may have more or fewer rows than the input.
	Reshapes bool
	// Settle, if set, returns the config as Impact Framework leaves it behind.
	Settle func(config *value.Map, o compat.Options) *value.Map
}

// Instance is a [Plugin]: the steps that all methods share around the runner of
// one. It is immutable.
type Instance struct {
	method  Method
	spec    Spec
	options compat.Options
	// first is for the component that uses the instance first, later for all
	// others. They differ only where the mapping works once.
	first, later *binding
	// left is what Impact Framework's first component leaves of the mapping.
	left *value.Map
}

// binding is a method bound to a config.
type binding struct {
	config  *value.Map // with mapped names, where that is how a mapping works
	mapping *value.Map // what is left of the mapping then
	runner  Runner
	problem *diag.Problem // what is wrong in the config; nil if nothing is
	early   bool          // the problem stands before any look at the inputs
	late    *diag.Problem // ends the run once the rows have been found right
	script  *script       // the expressions of the config, when they are evaluated as text
}

// NewInstance returns the plugin of an entry of initialize.plugins. What is wrong
// in its config is reported when it runs.
func NewInstance(m Method, spec Spec, opts compat.Options) *Instance {
	p := &Instance{method: m, spec: spec, options: opts}
	mapped, rest, err := mapConfig(spec.Config, spec.Mapping)
	p.left = rest
	if !opts.MappingOnce {
		p.first = p.bind(spec.Config, nil, nil)
		p.later = p.first
		return p
	}
	p.first = p.bind(mapped, rest, err)
	p.later = p.first
	if rest.Len() < spec.Mapping.Len() {
		p.later = p.bind(mapConfig(spec.Config, rest))
	}
	return p
}

// bind reads a config. An error is what was wrong with it before.
func (p *Instance) bind(config, mapping *value.Map, err error) *binding {
	b := &binding{config: config, mapping: mapping}
	if err == nil && p.method.Evaluates && Scripted(p.options) {
		b.config, err = simplified(config)
	}
	if err != nil {
		b.problem, b.early = AsProblem(err), true
		return b
	}
	s := &Settings{Config: b.config, Options: p.options}
	b.runner = p.method.Bind(s)
	if p.method.Evaluates && Scripted(p.options) {
		s.checkNames()
	}
	b.problem, b.late = s.Problem, s.late
	if p.method.Evaluates && Scripted(p.options) {
		b.script = newScript(b.config, p.method.Expressions)
	}
	return b
}

// Problems returns what can be said against the entry without any rows.
func (p *Instance) Problems() diag.List {
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

// After returns the entry as a run leaves it that used it.
func (p *Instance) After() Spec {
	spec := p.spec
	if p.options.MappingOnce {
		spec.Mapping = p.later.mapping
	}
	if spec.Mapping != nil || spec.Config == nil {
		return spec
	}
	if p.method.Evaluates && Scripted(p.options) {
		spec.Config, _ = simplified(spec.Config) // an error would have ended the run
		for _, key := range spec.Config.Keys() {
			if spec.Config.Get(key).Kind() == value.Absent {
				spec.Config.Delete(key) // arithmetic without a value
			}
		}
	}
	if p.method.Settle != nil {
		spec.Config = p.method.Settle(spec.Config, p.options)
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
			problem := AsProblem(err)
			problem.Line = config.LineAt(i)
			return out, problem
		}
		out.Set(config.Key(i), v)
	}
	return out, nil
}

// Run implements [Plugin].
func (p *Instance) Run(ctx context.Context, env *Env, in *frame.Frame) (*frame.Frame, error) {
	if in == nil {
		in = frame.New(0)
	}
	b := p.later
	if env.First {
		b = p.first
	}
	c := &Call{Env: env, Options: p.options, In: in}
	if !p.options.MappingOnce {
		c.Mapping = p.spec.Mapping
	}
	if err := p.prepare(c, b); err != nil {
		return nil, err
	}
	if b.mapping.Len() > 0 {
		c.In = mapInputs(c.In, b.mapping)
	}
	out, err := b.runner.Compute(ctx, c)
	if err != nil {
		return nil, err
	}
	return p.finish(c, b, out)
}

// prepare evaluates what is to be evaluated and checks config and rows, in the
// order in which Impact Framework comes across what is wrong.
func (p *Instance) prepare(c *Call, b *binding) error {
	if p.method.Evaluates && !b.early {
		if err := p.evaluate(c, b); err != nil {
			return err
		}
	}
	if b.problem != nil {
		return own(b.problem)
	}
	if err := b.runner.Check(c); err != nil {
		return err
	}
	if b.late != nil && c.In.Len() > 0 {
		return own(b.late)
	}
	return nil
}

// noticeMapping tells of a mapping that Impact Framework would have forgotten, or
// with which it would rename what is not the plugin's.
func (p *Instance) noticeMapping(c *Call, out *frame.Frame) {
	if !c.Env.First && p.left.Len() < p.spec.Mapping.Len() {
		c.Notice("mapping-once", "Impact Framework applies the mapping of "+p.spec.Name+" in its first component only")
		return
	}
	for name, data := range p.left.All() {
		other := data.String()
		if old := c.In.Column(other); out.Find(name) >= 0 || old != nil && out.Column(other) != old {
			c.Notice("mapping-once", "Impact Framework renames or keeps "+name+" and "+other+" in the results of "+p.spec.Name+
				" otherwise than the plugin writes them")
			return
		}
	}
}

// own returns a copy of a problem, to which the caller may add the place.
func own(problem *diag.Problem) error {
	p := *problem
	return &p
}

// finish gives the rows the names that they have in the data. Where arithmetic in
// a row had no value its key stays, with an absent value: later plugins and the
// aggregation count it as present, and it is not written.
func (p *Instance) finish(c *Call, b *binding, out *frame.Frame) (*frame.Frame, error) {
	if p.method.Evaluates && out.Len() == 0 && p.options.EmptyInputsFail {
		return nil, diag.New("TypeError", "Cannot convert undefined or null to object").
			WithHint("give the component inputs: Impact Framework's %s fails without any", p.method.Name)
	}
	var err error
	if p.method.Evaluates && Scripted(p.options) && out.Len() > 0 {
		if out, err = c.scriptOutput(out); err != nil {
			return nil, err
		}
	}
	if !p.options.MappingOnce {
		p.noticeMapping(c, out)
	}
	switch {
	case b.mapping.Len() > 0:
		out = mapOutputs(c.In, out, b.mapping)
	case p.method.Reshapes && p.options.InputLeak:
		out = overlay(c.In, out)
	}
	if p.options.IntegerKeysFirst {
		out = withIntegersFirst(out)
	}
	return out, nil
}
