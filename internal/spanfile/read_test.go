package spanfile_test

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/classify"
	"github.com/dendro-carbon/dendro/internal/spanfile"
	"github.com/dendro-carbon/dendro/internal/testenv"
	"github.com/dendro-carbon/dendro/internal/window"
)

// read returns all spans of a file, and its summary.
func read(t *testing.T, file string, limits spanfile.Limits) ([]window.Span, spanfile.Summary) {
	t.Helper()
	var spans []window.Span
	summary, err := spanfile.Read("f.json", strings.NewReader(file), limits, func(batch []window.Span) error {
		spans = append(spans, batch...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return spans, summary
}

// nativeEvent is an event as encoding/json reads it.
type nativeEvent struct {
	Timestamp string `json:"timestamp"`
	TraceID   string `json:"trace_id"`
	Parent    string `json:"parent_span_id"`
	Service   string `json:"service"`
	Region    string `json:"cloud_region"`
	Type      string `json:"type"`
	Target    string `json:"target"`
	Duration  int64  `json:"duration_us"`
	Size      *int64 `json:"response_size_bytes"`
	Source    struct {
		Endpoint string `json:"endpoint"`
	} `json:"source"`
}

// span makes the span of an event in the plainest way.
func (e nativeEvent) span(t *testing.T) window.Span {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04:05Z07:00", strings.Replace(e.Timestamp, " ", "T", 1))
	if err != nil {
		t.Fatal(err)
	}
	span := window.Span{
		Service: e.Service, Endpoint: e.Source.Endpoint,
		Trace: classify.Trace([]byte(e.TraceID)), Start: at.UnixNano(), Duration: e.Duration * 1000,
		ResponseBytes: window.UnknownSize, LocalRoot: e.Parent == "",
	}
	if classify.ValidRegion([]byte(e.Region)) {
		span.Region = e.Region
	}
	if e.Size != nil {
		span.ResponseBytes = *e.Size
	}
	switch e.Type {
	case "sql":
		span.Kind, span.Verb = window.KindSQL, classify.Verb([]byte(e.Target))
	case "http_out":
		span.Kind, span.Callee = window.KindHTTP, string(classify.Callee([]byte(e.Target)))
	case "messaging":
		span.Kind = window.KindMessaging
	}
	return span
}

// Numbers that no span can have are taken as the largest that one can.
func TestLargestNumbers(t *testing.T) {
	t.Parallel()
	for text, size := range map[string]int64{
		"9223372036854775807": math.MaxInt64, "9223372036854775808": math.MaxInt64, "18446744073709551615": math.MaxInt64, "-1": window.UnknownSize,
	} {
		got, summary := read(t, event(`,"duration_us":18446744073709551615,"response_size_bytes":`+text), spanfile.Limits{})
		if len(got) != 1 || got[0].ResponseBytes != size || got[0].Duration != math.MaxInt64/1000*1000 {
			t.Errorf("%s: %+v, %v", text, got, summary.Problems)
		}
	}
}

// The inputs of the recorded results are read as encoding/json reads them, as an
// array, one event a line, and behind one another.
func TestRecordedInputs(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"edge.json", "waste.json"} {
		data, err := os.ReadFile(filepath.Join(testenv.Oracle(t), "service", "in", name))
		if err != nil {
			t.Fatal(err)
		}
		var raw []json.RawMessage
		if err := json.Unmarshal(data, &raw); err != nil {
			t.Fatal(err)
		}
		var want []window.Span
		var lines bytes.Buffer
		for _, one := range raw {
			var e nativeEvent
			if err := json.Unmarshal(one, &e); err != nil {
				t.Fatal(err)
			}
			want = append(want, e.span(t))
			if err := json.Compact(&lines, one); err != nil {
				t.Fatal(err)
			}
			lines.WriteByte('\n')
		}
		for form, file := range map[string]string{
			"array": string(data), "lines": lines.String(),
			"no line ends": strings.ReplaceAll(lines.String(), "\n", ""), "byte order mark": "\uFEFF" + string(data),
		} {
			got, summary := read(t, file, spanfile.Limits{})
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s as %s (-want +got):\n%s", name, form, diff)
			}
			if len(summary.Problems) > 0 || summary.Rejected > 0 || int(summary.Spans) != len(want) {
				t.Errorf("%s as %s: %+v", name, form, summary)
			}
		}
	}
}
