package builtin_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/value"
)

// FuzzRun gives the calculating plugins any config, mapping and rows. They must
// end, with rows or with a problem that has a class.
func FuzzRun(f *testing.F) {
	for i, e := range rowwise() {
		f.Add(uint8(i), e.config, `{"a": "b"}`, `[{"timestamp": "t", "duration": 1, "a": 5, "b": 2, "c": 3, "name": "x1"}, {"a": "=b", "name": null}]`)
	}
	f.Add(uint8(8), `{"method": "spline", "x": [0, 0, 1e308], "y": [1, -1e308, 5], "input-parameter": "a"}`, `{}`, `[{"a": "off", "timestamp": 1}, []]`)
	f.Add(uint8(13), `{"parameter": "a", "match": "/(a|b)*?/g", "output": "a"}`, `null`, `[{"a": "abab"}]`)
	f.Fuzz(func(t *testing.T, method uint8, config, mapping, rows string) {
		all := rowwise()
		spec := builtin.Spec{Name: "p", Method: all[int(method)%len(all)].method}
		configValue, ok1 := decode(config)
		mappingValue, ok2 := decode(mapping)
		rowsValue, ok3 := decode(rows)
		if !ok1 || !ok2 || !ok3 {
			return
		}
		spec.Config, spec.Mapping = configValue.Map(), mappingValue.Map()
		for _, opts := range []compat.Options{{}, compat.IF11()} {
			builtin.Check(spec, opts)
			builtin.AfterRun(spec, opts)
			p, err := builtin.New(spec, opts)
			if err != nil {
				t.Fatal(err)
			}
			for _, first := range []bool{true, false} {
				out, err := p.Run(context.Background(), &builtin.Env{Options: opts, First: first}, rowsOf(rowsValue))
				var problem *diag.Problem
				switch {
				case err == nil:
					out.Rows()
				case !errors.As(err, &problem) || problem.Class == "":
					t.Errorf("%s: an error without a class: %v", spec.Method, err)
				}
			}
		}
	})
}

// decode reads JSON, with the order of keys kept.
func decode(s string) (value.Value, bool) {
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	v, err := orderedValue(dec)
	return v, err == nil
}
