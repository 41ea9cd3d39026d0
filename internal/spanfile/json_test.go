package spanfile_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/dendro-carbon/dendro/internal/classify"
	"github.com/dendro-carbon/dendro/internal/receiver/otlp"
	"github.com/dendro-carbon/dendro/internal/spanfile"
	"github.com/dendro-carbon/dendro/internal/testenv/otlptest"
	"github.com/dendro-carbon/dendro/internal/window"
)

// fromProtobuf returns the spans of a request as they are on the wire.
func fromProtobuf(t testing.TB, traffic otlptest.Traffic, n int) []window.Span {
	t.Helper()
	data, err := proto.Marshal(traffic.Request(n))
	if err != nil {
		t.Fatal(err)
	}
	spans, _, err := otlp.NewDecoder().Request(data, nil, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return spans
}

// A request in JSON has the spans that it has in protobuf, whatever the spelling
// of names, the white space and the order of members.
func TestRequestsAsProtobuf(t *testing.T) {
	t.Parallel()
	traffic := otlptest.Traffic{Spans: 40, Resources: 3}
	want := slices.Concat(fromProtobuf(t, traffic, 0), fromProtobuf(t, traffic, 1))
	first, second := otlptest.JSON(t, traffic.Request(0)), otlptest.JSON(t, traffic.Request(1))
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, first, "", "\t"); err != nil {
		t.Fatal(err)
	}
	snake := strings.NewReplacer("resourceSpans", "resource_spans", "scopeSpans", "scope_spans", "traceId", "trace_id",
		"spanId", "span_id", "parentSpanId", "parent_span_id", "startTimeUnixNano", "start_time_unix_nano",
		"endTimeUnixNano", "end_time_unix_nano", "stringValue", "string_value", "intValue", "int_value")
	names := strings.NewReplacer(`"kind":2`, `"kind":"SPAN_KIND_SERVER"`, `"kind":3`, `"kind":"SPAN_KIND_CLIENT"`,
		`"kind":4`, `"kind":"SPAN_KIND_PRODUCER"`, `"kind":1`, `"kind":"SPAN_KIND_INTERNAL"`)
	for form, file := range map[string]string{
		"lines":       string(first) + "\n" + string(second) + "\n",
		"pretty":      pretty.String() + "\n\n" + string(second),
		"array":       "[" + string(first) + ",\n" + string(second) + "]",
		"snake case":  snake.Replace(string(first)) + string(second),
		"kind names":  names.Replace(string(first)) + string(second),
		"valueBefore": valuesFirst(t, first) + "\n" + string(second),
		"gzip":        string(zipped(t, slices.Concat(first, second))),
		"more":        `{"x":[1,{"y":null}],` + string(first[1:len(first)-1]) + `,"z":"\u0041"}` + string(second),
	} {
		for _, batch := range []int{0, 7} {
			got, summary := read(t, file, spanfile.Limits{Batch: batch})
			if diff := cmp.Diff(want, got); diff != "" || len(summary.Problems) > 0 {
				t.Errorf("%s: %v (-want +got):\n%s", form, summary.Problems, diff)
			}
		}
	}
}

// valuesFirst writes JSON with the members of all objects in reverse order: the
// values of attributes before their keys, resources after their spans.
func valuesFirst(t *testing.T, data []byte) string {
	t.Helper()
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	var write func(any)
	write = func(tree any) {
		switch tree := tree.(type) {
		case map[string]any:
			names := []string{}
			for name := range tree {
				names = append(names, name)
			}
			slices.Sort(names)
			slices.Reverse(names)
			out.WriteByte('{')
			for i, name := range names {
				if i > 0 {
					out.WriteByte(',')
				}
				out.WriteString(`"` + name + `":`)
				write(tree[name])
			}
			out.WriteByte('}')
		case []any:
			out.WriteByte('[')
			for i, element := range tree {
				if i > 0 {
					out.WriteByte(',')
				}
				write(element)
			}
			out.WriteByte(']')
		default:
			text, err := json.Marshal(tree)
			if err != nil {
				t.Fatal(err)
			}
			out.Write(text)
		}
	}
	write(tree)
	if !strings.Contains(out.String(), `"scopeSpans"`) || strings.Index(out.String(), `"scopeSpans"`) > strings.Index(out.String(), `"resource"`) {
		t.Fatal("resources come first")
	}
	return out.String()
}

// Texts with escapes are the texts they stand for, more than one to a span.
func TestEscapes(t *testing.T) {
	t.Parallel()
	const file = `{"resource\u0053pans":[{"resource":{"attributes":[{"key":"service\u002ename","value":{"stringValue":"a\"\\\/\u00e9\ud83d\ude00\ud800"}}]},
"scopeSpans":[{"spans":[{"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174","kind":3,"startTimeUnixNano":"1544712660000000000","endTimeUnixNano":1544712661000000000,
"attributes":[{"key":"url.full","value":{"stringValue":"http:\/\/one.example:80\/"}},{"key":"cloud.region","value":{"stringValue":"eu\u002dwest"}},{"key":"http.response.body.size","value":{"intValue":"0012"}},{"key":"\t","value":{"arrayValue":{"values":[{"stringValue":"\n"}]}}}]}]}]}]}`
	want := []window.Span{{
		Service: "a\"\\/é😀\uFFFD", Region: "eu-west", Callee: "one.example", Kind: window.KindHTTP, ResponseBytes: 12,
		Trace: classify.Trace([]byte("5b8efff798038103d269b633813fc60c")), Start: 1544712660e9, Duration: 1e9, LocalRoot: true,
	}}
	got, summary := read(t, file, spanfile.Limits{})
	if diff := cmp.Diff(want, got); diff != "" || len(summary.Problems) > 0 {
		t.Errorf("%v (-want +got):\n%s", summary.Problems, diff)
	}
}

// How much of a file is in memory changes nothing, down to one element.
func TestSmallWindow(t *testing.T) {
	t.Parallel()
	file := string(otlpLines(t, 2)) + string(events(100, true)) + string(events(10, false))
	want, summary := read(t, file, spanfile.Limits{})
	if len(want) != 2*256+110 || len(summary.Problems) > 0 {
		t.Fatalf("%d spans, %v", len(want), summary.Problems)
	}
	for _, window := range []int{1500, 1777, 4096} {
		got, summary := read(t, file, spanfile.Limits{Element: window, Batch: 3})
		if !slices.Equal(got, want) || len(summary.Problems) > 0 {
			t.Errorf("with a window of %d bytes: %d spans, %v", window, len(got), summary.Problems)
		}
	}
}
