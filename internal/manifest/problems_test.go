package manifest_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/files"
)

// What is wrong in a config is reported once, however many components use it,
// and so is what stands behind it in the pipeline.
func TestAllConfigProblemsAtOnce(t *testing.T) {
	t.Parallel()
	const text = `name: broken
initialize:
  plugins:
    a: {path: builtin, method: Sum, config: {input-parameters: energy, output-parameter: o}}
    b: {path: builtin, method: Coefficient, config: {input-parameter: energy, coefficient: x, output-parameter: p}}
    unused: {path: builtin, method: Sum, config: {}}
    c: {path: builtin, method: Regex, config: {parameter: l, match: '(?<=a)b', output: q}}
tree:
  pipeline: {compute: [a, b, c]}
  children:
    w: {inputs: [{timestamp: 2024-01-01T00:00:00Z, duration: 1, energy: 1, l: ab}]}
    v: {inputs: [{timestamp: 2024-01-01T00:00:00Z, duration: 1, energy: 1, l: ab}]}
`
	for _, test := range []struct {
		opts compat.Options
		want []string
	}{
		{compat.Options{}, []string{
			`m.yml:4: tree.children.w, plugin "a": InputValidationError: "input-parameters"`,
			`m.yml:5: plugin "b": InputValidationError: "coefficient"`,
			`m.yml:7: plugin "c": `,
		}},
		{compat.IF11(), []string{
			`m.yml:4: tree.children.w, plugin "a": InputValidationError: "input-parameters"`,
			`m.yml:4: tree.children.v, plugin "a": InputValidationError: "input-parameters"`,
		}},
	} {
		m, err := manifest.Read("m.yml", []byte(text), test.opts)
		if err != nil {
			t.Fatal(err)
		}
		_, err = m.Run(context.Background(), manifest.Options{Workers: 1, Files: files.New(files.Options{Offline: true})})
		if err == nil {
			t.Fatal("no problems")
		}
		var got []string
		for line := range strings.SplitSeq(err.Error(), "\n") {
			if strings.HasPrefix(line, "m.yml") {
				n := len(got)
				if n < len(test.want) && strings.HasPrefix(line, test.want[n]) {
					line = test.want[n]
				}
				got = append(got, line)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Error(diff)
		}
	}
}
