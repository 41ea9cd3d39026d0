package manifest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/value"
)

// classManifest is the class of all problems of a manifest's form.
const classManifest = "ManifestValidationError"

// schema checks the form of a manifest and keeps what belongs to it: unknown
// keys are dropped and known ones put in the order in which Impact Framework
// writes them. It collects all problems, in that same order.
type schema struct {
	file string
	opts compat.Options
	list diag.List
	// unknown are the keys that are dropped, as warnings: a misspelt key must not
	// vanish without a word.
	unknown []string
	keys    []string // of the map at hand
}

// legacy are keys that manifests of earlier versions have, and that mean
// nothing now.
func legacy() []string { return []string{"kind", "verbose", "output", "outputs", "params", "tree"} }

// dropped notes the keys of a map that are not kept.
func (s *schema) dropped(path string, out, in *value.Map) {
	for i := range in.Len() {
		key := in.Key(i)
		if out.Has(key) || slices.Contains(legacy(), key) {
			continue
		}
		text := fmt.Sprintf("%s:%d: %s is not a key of a manifest and is ignored", s.file, in.LineAt(i), join(path, key))
		if like := mostLike(key, s.keys); like != "" {
			text += "; did you mean " + like + "?"
		}
		s.unknown = append(s.unknown, text)
	}
}

// mostLike returns the key that a name is most like, "" if it is like none.
func mostLike(name string, keys []string) string {
	like, least := "", max(1, len(name)/3)+1
	for _, key := range keys {
		if d := diag.Distance(strings.ToLower(name), key); d < least {
			like, least = key, d
		}
	}
	return like
}

// head returns the checked manifest without its tree.
func (s *schema) head(raw *value.Map) *value.Map {
	out := value.NewMap(8)
	s.keep(out, raw, "name", "", s.text)
	s.keepOptional(out, raw, "description", "", s.text)
	s.keepOptional(out, raw, "tags", "", s.tags)
	s.keepUnlessAbsent(out, raw, "explainer", "", s.boolean)
	s.keepUnlessAbsent(out, raw, "explain", "", s.record)
	s.keepOptional(out, raw, "aggregation", "", s.aggregation)
	s.keep(out, raw, "initialize", "", s.initialize)
	s.keepUnlessAbsent(out, raw, "execution", "", s.anything) // each run replaces it
	s.keys = append(s.keys, "tree")
	s.dropped("", out, raw)
	return out
}

// check returns the value in the form to keep, having reported what is wrong.
type check func(path string, v value.Value, line int) value.Value

// keep keeps a key that must be there and must not be null.
func (s *schema) keep(out, in *value.Map, key, prefix string, c check) {
	line := in.Line(key)
	s.known(key)
	v := c(join(prefix, key), in.Get(key), line)
	if in.Has(key) {
		out.SetAt(key, v, line)
	}
}

// known notes a key that a map may have.
func (s *schema) known(key string) {
	if !slices.Contains(s.keys, key) {
		s.keys = append(s.keys, key)
	}
}

// keepUnlessAbsent keeps a key that may be missing but must not be null.
func (s *schema) keepUnlessAbsent(out, in *value.Map, key, prefix string, c check) {
	s.known(key)
	if in.Has(key) {
		s.keep(out, in, key, prefix, c)
	}
}

// keepOptional keeps a key that may be missing or null.
func (s *schema) keepOptional(out, in *value.Map, key, prefix string, c check) {
	s.known(key)
	if in.Get(key).Kind() == value.Null {
		out.SetAt(key, value.OfNull(), in.Line(key))
		return
	}
	s.keepUnlessAbsent(out, in, key, prefix, c)
}

func (s *schema) tags(path string, v value.Value, line int) value.Value {
	return s.object(path, v, line, func(out, in *value.Map) {
		for _, key := range []string{"kind", "complexity", "category"} {
			s.keepOptional(out, in, key, path, s.text)
		}
	})
}

func (s *schema) aggregation(path string, v value.Value, line int) value.Value {
	return s.object(path, v, line, func(out, in *value.Map) {
		s.keep(out, in, "metrics", path, s.texts)
		s.keep(out, in, "type", path, s.enum("horizontal", "time", "vertical", "component", "both"))
		s.keepUnlessAbsent(out, in, "skip-components", path, s.texts)
		if !s.opts.OwnAggregationKeysOnly {
			s.keepUnlessAbsent(out, in, "align", path, s.enum("strict", "timestamp", "sync"))
			s.keepUnlessAbsent(out, in, "weights", path, s.recordOf(s.text))
		}
	})
}

func (s *schema) initialize(path string, v value.Value, line int) value.Value {
	return s.object(path, v, line, func(out, in *value.Map) {
		s.keep(out, in, "plugins", path, s.recordOf(s.plugin))
	})
}

func (s *schema) plugin(path string, v value.Value, line int) value.Value {
	return s.object(path, v, line, func(out, in *value.Map) {
		s.keep(out, in, "path", path, s.text)
		s.keep(out, in, "method", path, s.text)
		s.keepUnlessAbsent(out, in, "mapping", path, s.recordOf(s.text))
		s.keepUnlessAbsent(out, in, "config", path, s.record)
		s.keepUnlessAbsent(out, in, "parameter-metadata", path, s.metadata)
	})
}

func (s *schema) metadata(path string, v value.Value, line int) value.Value {
	return s.object(path, v, line, func(out, in *value.Map) {
		s.keepOptional(out, in, "inputs", path, s.recordOf(s.parameter))
		s.keepOptional(out, in, "outputs", path, s.recordOf(s.parameter))
	})
}

func (s *schema) parameter(path string, v value.Value, line int) value.Value {
	return s.object(path, v, line, func(out, in *value.Map) {
		s.keep(out, in, "unit", path, s.text)
		s.keep(out, in, "description", path, s.text)
		s.keep(out, in, "aggregation-method", path, s.methods)
	})
}

func (s *schema) methods(path string, v value.Value, line int) value.Value {
	method := s.enum("sum", "avg", "none", "copy")
	if _, isText := v.Str(); isText && !s.opts.MethodPairsOnly {
		return method(path, v, line)
	}
	return s.object(path, v, line, func(out, in *value.Map) {
		s.keep(out, in, "time", path, method)
		s.keep(out, in, "component", path, method)
	})
}

func (s *schema) anything(_ string, v value.Value, _ int) value.Value { return v }

func (s *schema) object(path string, v value.Value, line int, fill func(out, in *value.Map)) value.Value {
	if v.Kind() != value.Object {
		s.wrongType(path, v, value.Object, line)
		return v
	}
	out, around := value.NewMap(v.Map().Len()), s.keys
	s.keys = nil
	fill(out, v.Map())
	s.dropped(path, out, v.Map())
	s.keys = around
	return value.OfMap(out)
}

func (s *schema) record(path string, v value.Value, line int) value.Value {
	if v.Kind() != value.Object {
		s.wrongType(path, v, value.Object, line)
	}
	return v
}

func (s *schema) recordOf(c check) check {
	return func(path string, v value.Value, line int) value.Value {
		return s.object(path, v, line, func(out, in *value.Map) {
			for key, item := range in.All() {
				out.SetAt(key, c(join(path, key), item, in.Line(key)), in.Line(key))
			}
		})
	}
}

func (s *schema) text(path string, v value.Value, line int) value.Value {
	return s.kind(value.Text, path, v, line)
}

func (s *schema) boolean(path string, v value.Value, line int) value.Value {
	return s.kind(value.Bool, path, v, line)
}

func (s *schema) kind(want value.Kind, path string, v value.Value, line int) value.Value {
	if v.Kind() != want {
		s.wrongType(path, v, want, line)
	}
	return v
}

func (s *schema) texts(path string, v value.Value, line int) value.Value {
	if v.Kind() != value.List {
		s.wrongType(path, v, value.List, line)
		return v
	}
	for i, item := range v.List() {
		s.text(fmt.Sprintf("%s.[%d]", path, i), item, line)
	}
	return v
}

func (s *schema) enum(names ...string) check {
	quoted := "'" + strings.Join(names, "' | '") + "'"
	return func(path string, v value.Value, line int) value.Value {
		got, isText := v.Str()
		switch {
		case v.Kind() == value.Absent:
			s.report(path, "required", "invalid_type", line)
		case !isText:
			s.report(path, "expected "+quoted+", received "+kindName(v), "invalid_type", line)
		case !slices.Contains(names, got):
			p := s.report(path, fmt.Sprintf("invalid enum value. expected %s, received '%s'", quoted, strings.ToLower(got)), "invalid_enum_value", line)
			if like := mostLike(got, names); like != "" {
				p.Hint = fmt.Sprintf("write %s in the place of %s", like, got)
			}
		}
		return v
	}
}

func (s *schema) wrongType(path string, v value.Value, want value.Kind, line int) {
	if v.Kind() == value.Absent {
		s.report(path, "required", "invalid_type", line)
		return
	}
	s.report(path, fmt.Sprintf("expected %s, received %s", want, kindName(v)), "invalid_type", line)
}

func (s *schema) report(path, text, code string, line int) *diag.Problem {
	p := diag.New(classManifest, "%q parameter is %s. Error code: %s.", path, text, code)
	p.File, p.Line = s.file, line
	s.list = append(s.list, p)
	return p
}

// kindName is the kind as messages name it: a number that is none is nan.
func kindName(v value.Value) string {
	if f, ok := v.Float(); ok && f != f {
		return "nan"
	}
	return v.Kind().String()
}

func join(prefix, key string) string {
	if prefix == "" {
		return key
	}
	return prefix + "." + key
}
