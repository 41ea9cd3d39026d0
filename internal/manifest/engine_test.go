package manifest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/manifest/files"
	"github.com/dendro-carbon/dendro/internal/testenv/gen"
)

const example = `name: two rows
initialize:
  plugins:
    sum: {path: builtin, method: Sum, config: {input-parameters: [cpu/energy, memory/energy], output-parameter: energy}}
aggregation: {metrics: [energy], type: both}
tree:
  pipeline: {compute: [sum]}
  children:
    web:
      inputs:
        - {timestamp: '2024-01-01T00:00:00.000Z', duration: 60, cpu/energy: 1, memory/energy: 0.5}
        - {timestamp: '2024-01-01T00:01:00.000Z', duration: 60, cpu/energy: 2, memory/energy: 0.25}
`

func ExampleManifest_Run() {
	m, err := manifest.Read("example.yml", []byte(example), compat.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := m.Run(context.Background(), manifest.Options{Files: files.New(files.Options{})})
	fmt.Println(result.Tree.Aggregated.Get("energy"), err)
	// Output: 3.75 <nil>
}

func ExampleRead() {
	_, err := manifest.Read("example.yml", []byte("name: 3\ninitialize: {plugins: {}}\n"), compat.Options{})
	fmt.Println(err)
	// Output:
	// example.yml:1: ManifestValidationError: "name" parameter is expected string, received number. Error code: invalid_type.
	// example.yml: ManifestValidationError: "tree" parameter is required. Error code: invalid_type.
}

// run computes a manifest and writes it.
func runAndWrite(t testing.TB, data []byte, o manifest.Options) []byte {
	t.Helper()
	m, err := manifest.Read("manifest.yml", data, compat.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o.Files = files.New(files.Options{Offline: true})
	result, err := m.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := emit.YAML(&out, m.Success(result, manifest.Execution{Start: time.Unix(0, 0)}), emit.Options{Workers: o.Workers}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// The number of workers changes nothing that is written.
func TestWorkersDoNotMatter(t *testing.T) {
	var data bytes.Buffer
	if err := gen.Manifest(&data, 23, 17, "both"); err != nil {
		t.Fatal(err)
	}
	want := runAndWrite(t, data.Bytes(), manifest.Options{Workers: 1})
	for _, workers := range []int{2, 7} {
		if got := runAndWrite(t, data.Bytes(), manifest.Options{Workers: workers}); !bytes.Equal(got, want) {
			t.Errorf("%d workers write something else than one", workers)
		}
	}
}

// What was written can be read and run again, with the same result.
func TestOutputRunsAgain(t *testing.T) {
	var data bytes.Buffer
	if err := gen.Manifest(&data, 5, 9, "both"); err != nil {
		t.Fatal(err)
	}
	once := runAndWrite(t, data.Bytes(), manifest.Options{})
	if twice := runAndWrite(t, once, manifest.Options{}); !bytes.Equal(once, twice) {
		t.Error("a run of the output writes something else")
	}
}

// The manifest itself is not changed by a run.
func TestRunKeepsTheManifest(t *testing.T) {
	m, err := manifest.Read("example.yml", []byte(example), compat.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := m.Run(context.Background(), manifest.Options{Append: true}); err != nil {
			t.Fatal(err)
		}
	}
	if m.Tree.Aggregated != nil || m.Tree.Children[0].Outputs != nil {
		t.Error("the manifest's tree holds results")
	}
}

// A problem says where it is and what to do.
func TestProblemsHaveAPlace(t *testing.T) {
	data := strings.Replace(example, "cpu/energy: 2", "cpu/energy: two", 1)
	m, err := manifest.Read("example.yml", []byte(data), compat.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Run(context.Background(), manifest.Options{})
	var list diag.List
	if !errors.As(err, &list) || len(list) != 1 {
		t.Fatalf("got %v", err)
	}
	p := list[0]
	if p.File != "example.yml" || p.Line != 12 || p.Component != "tree.children.web" || p.Plugin != "sum" ||
		p.Row != 2 || p.Time != "2024-01-01T00:01:00.000Z" || p.Metric != "cpu/energy" || p.Hint == "" {
		t.Errorf("got %+v", *p)
	}
}

func TestForeignPluginsNameTheirReplacement(t *testing.T) {
	data := strings.Replace(example, "path: builtin, method: Sum", "path: '@grnsft/if-plugins', method: TeadsCurve", 1)
	m, err := manifest.Read("example.yml", []byte(data), compat.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Run(context.Background(), manifest.Options{})
	for _, want := range []string{"example.yml:4", "TeadsCurve", "Interpolation", "@grnsft/if-plugins"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %s: %v", want, err)
		}
	}
}

func TestRunStopsWhenCancelled(t *testing.T) {
	m, err := manifest.Read("example.yml", []byte(example), compat.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := m.Run(ctx, manifest.Options{}); !errors.Is(err, context.Canceled) && (err == nil || !strings.Contains(err.Error(), "canceled")) {
		t.Errorf("got %v", err)
	}
}

// No manifest makes a run panic or hang, in either mode.
func FuzzRun(f *testing.F) {
	f.Add([]byte(example))
	f.Add([]byte("name: q\ntree: {children: {a: null}}\ninitialize: {plugins: {}}\n"))
	f.Add([]byte("name: q\ntree: {pipeline: {regroup: [a], compute: [p]}, inputs: [{a: 1}]}\ninitialize: {plugins: {p: {path: builtin, method: Copy}}}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 4096 {
			return
		}
		for _, opts := range []compat.Options{{}, compat.IF11()} {
			m, err := manifest.Read("fuzz.yml", data, opts)
			if err != nil {
				continue
			}
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			result, err := m.Run(ctx, manifest.Options{Files: files.New(files.Options{Offline: true})})
			cancel()
			var out bytes.Buffer
			doc := m.Failure(err, manifest.Execution{})
			if err == nil {
				doc = m.Success(result, manifest.Execution{})
			}
			if err := emit.YAML(&out, doc, emit.Options{}); err != nil {
				t.Error(err)
			}
		}
	})
}

func BenchmarkRun(b *testing.B) {
	var data bytes.Buffer
	if err := gen.Manifest(&data, 20, 1440, "both"); err != nil {
		b.Fatal(err)
	}
	m, err := manifest.Read("bench.yml", data.Bytes(), compat.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Run(context.Background(), manifest.Options{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(20*1440*b.N)/b.Elapsed().Seconds(), "rows/s")
}

// A misspelt key is ignored, as in Impact Framework, but not without a word.
func TestUnknownKeysAreWarnedOf(t *testing.T) {
	data := strings.Replace(example, "type: both", "type: both, aling: sync", 1) + "agregation: {}\n"
	m, err := manifest.Read("example.yml", []byte(data), compat.Options{})
	if err != nil {
		t.Fatal(err)
	}
	result, err := m.Run(context.Background(), manifest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	told := strings.Join(result.Warnings, "\n")
	for _, want := range []string{"example.yml:5: aggregation.aling", "agregation is not a key"} {
		if !strings.Contains(told, want) {
			t.Errorf("no warning says %q: %s", want, told)
		}
	}
}

// What the plan finds does not hide what the data have.
func TestProblemsOfPlanAndDataTogether(t *testing.T) {
	data := strings.Replace(example, "children:\n", "children:\n    ghost: {pipeline: {compute: [nobody]}, inputs: [{a: 1}]}\n    gone: {inputs: {from: nowhere.csv}}\n", 1)
	m, err := manifest.Read("example.yml", []byte(data), compat.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Run(context.Background(), manifest.Options{Files: files.New(files.Options{Offline: true})})
	for _, want := range []string{"nobody", "nowhere.csv"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not name %s: %v", want, err)
		}
	}
}
