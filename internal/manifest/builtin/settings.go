package builtin

import (
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/value"
)

// settings is the config of a plugin while it is read. The first problem ends
// the reading: what comes after it reports nothing and reads zero values.
type settings struct {
	config  *value.Map // may be nil
	options compat.Options
	problem *diag.Problem
	late    *diag.Problem
}

// fail reports a problem unless there is one already. key is the config key
// that it is about, or "".
func (s *settings) fail(problem *diag.Problem, key string) {
	if s.problem != nil || problem == nil {
		return
	}
	problem.Line = s.config.Line(key)
	s.problem = problem
}

// failLate reports a problem that ends the plugin only once it has rows, and has
// found them right.
func (s *settings) failLate(problem *diag.Problem, key string) {
	if problem != nil {
		problem.Line = s.config.Line(key)
		s.late = problem
	}
}

// require fails if there is no config.
func (s *settings) require() {
	if s.config.Len() == 0 {
		s.fail(diag.New("ConfigError", "Config is not provided.").
			WithHint("give the plugin a config in initialize.plugins"), "")
	}
}

// check holds the config to the fields. All that is wrong becomes one problem.
func (s *settings) check(fields ...field) {
	s.refine(func(v value.Value, r *report) {}, fields...)
}

// refine is [settings.check] with more to say of configs whose types are right.
func (s *settings) refine(more func(config value.Value, r *report), fields ...field) {
	if s.problem != nil {
		return
	}
	config := s.config
	if config == nil {
		config = &value.Map{}
	}
	var r report
	v := value.OfMap(config)
	if object(fields...)(v, "", &r) {
		more(v, &r)
	}
	if !r.ok() {
		s.fail(r.problem(""), r.key())
	}
}

// text returns a text of the config.
func (s *settings) text(key string) string {
	t, _ := s.config.Get(key).Str()
	return t
}

// texts returns a list of texts.
func (s *settings) texts(key string) []string {
	list := s.config.Get(key).List()
	out := make([]string, len(list))
	for i, v := range list {
		out[i], _ = v.Str()
	}
	return out
}

// numbers returns a list of numbers, which is the caller's own.
func (s *settings) numbers(key string) []float64 {
	list := s.config.Get(key).List()
	out := make([]float64, len(list))
	for i, v := range list {
		out[i], _ = v.Float()
	}
	return out
}
