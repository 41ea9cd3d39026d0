package plugin

import (
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Settings is the config of a plugin while it is read. The first problem ends
// the reading: what comes after it reports nothing and reads zero values.
type Settings struct {
	Config  *value.Map // may be nil
	Options compat.Options
	Problem *diag.Problem // what is wrong, nil if nothing is so far
	late    *diag.Problem
}

// Fail reports a problem unless there is one already. key is the config key
// that it is about, or "".
func (s *Settings) Fail(problem *diag.Problem, key string) {
	if s.Problem != nil || problem == nil {
		return
	}
	problem.Line = s.Config.Line(key)
	s.Problem = problem
}

// FailLate reports a problem that ends the plugin only once it has rows, and has
// found them right.
func (s *Settings) FailLate(problem *diag.Problem, key string) {
	if problem != nil {
		problem.Line = s.Config.Line(key)
		s.late = problem
	}
}

// Require fails if there is no config.
func (s *Settings) Require() {
	if s.Config.Len() == 0 {
		s.Fail(diag.New("ConfigError", "Config is not provided.").
			WithHint("give the plugin a config in initialize.plugins"), "")
	}
}

// Check holds the config to the fields. All that is wrong becomes one problem.
func (s *Settings) Check(fields ...Field) {
	s.Refine(func(v value.Value, r *Report) {}, fields...)
}

// Refine is [Settings.Check] with more to say of configs whose types are right.
func (s *Settings) Refine(more func(config value.Value, r *Report), fields ...Field) {
	if s.Problem != nil {
		return
	}
	config := s.Config
	if config == nil {
		config = &value.Map{}
	}
	var r Report
	v := value.OfMap(config)
	if Object(fields...)(v, "", &r) {
		more(v, &r)
	}
	if !r.OK() {
		s.Fail(r.Problem(""), r.key())
	}
}

// Text returns a text of the config.
func (s *Settings) Text(key string) string {
	t, _ := s.Config.Get(key).Str()
	return t
}

// Texts returns a list of texts.
func (s *Settings) Texts(key string) []string {
	list := s.Config.Get(key).List()
	out := make([]string, len(list))
	for i, v := range list {
		out[i], _ = v.Str()
	}
	return out
}

// Numbers returns a list of numbers, which is the caller's own.
func (s *Settings) Numbers(key string) []float64 {
	list := s.Config.Get(key).List()
	out := make([]float64, len(list))
	for i, v := range list {
		out[i], _ = v.Float()
	}
	return out
}
