package spanfile_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/dendro-carbon/dendro/internal/classify"
	"github.com/dendro-carbon/dendro/internal/receiver/otlp"
	"github.com/dendro-carbon/dendro/internal/spanfile"
	"github.com/dendro-carbon/dendro/internal/testenv/otlptest"
	"github.com/dendro-carbon/dendro/internal/window"
)

// FuzzRead reads anything: no panic, an error or a problem where encoding/json
// finds no JSON, and the same spans whatever the window.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `[]`, `[{}]`, "{}\n{}", `{"a":1}`, `{"timestamp":"2025-07-10T14:32:01Z","trace_id":"t","type":"sql"}`,
		`[{"type":"sql","timestamp":"2025-07-10T14:32:01+02:00","trace_id":"t","x":[1,-2.5e+7,{"y":"\u00e9\n"}]},`,
		`{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"a"}}]},"scopeSpans":[` +
			`{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","startTimeUnixNano":"5"}]}]}]}`,
		`{"resourceSpans":null}`, `{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":}]}]}]}` + "\n{}", `nul`, `"`, "{\"a\":\"\x00\"}", `[1]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		spans, summary, err := readAll(data, spanfile.Limits{})
		if bytes.HasPrefix(data, []byte("\x1f\x8b")) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(spans) != int(summary.Spans) || len(summary.Problems) == 0 && summary.Rejected > 0 {
			t.Errorf("%d spans: %+v", len(spans), summary)
		}
		if !isJSON(data) && len(summary.Problems) == 0 {
			t.Errorf("read without a problem, and is no JSON: %q", data)
		}
		same, other, _ := readAll(data, spanfile.Limits{Element: 64, Batch: 1})
		if len(summary.Problems) == 0 && len(other.Problems) == 0 && !slices.Equal(spans, same) {
			t.Errorf("another window, other spans:\n%s", cmp.Diff(spans, same))
		}
	})
}

func readAll(data []byte, limits spanfile.Limits) (spans []window.Span, summary spanfile.Summary, err error) {
	summary, err = spanfile.Read("f", bytes.NewReader(data), limits, func(batch []window.Span) error {
		spans = append(spans, batch...)
		return nil
	})
	return spans, summary, err
}

// isJSON reports whether data is JSON values one after the other.
func isJSON(data []byte) bool {
	data = bytes.TrimPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("\uFEFF"))
	for decoder := json.NewDecoder(bytes.NewReader(data)); ; {
		var value json.RawMessage
		switch err := decoder.Decode(&value); {
		case errors.Is(err, io.EOF):
			return true
		case err != nil:
			return false
		}
	}
}

// FuzzEvent writes an event with encoding/json and reads it back.
func FuzzEvent(f *testing.F) {
	f.Add("t1", "order-svc", "eu-west-3", "http_out", "https://u:p@Host:1/a?b", "GET /x?y", int64(5), int64(7), []byte(`[1,{"a":null}]`))
	f.Add("5b8efff798038103d269b633813fc60c", "", "bad region!", "sql", " \tselect 1", "\"é\\", int64(-1), int64(math.MaxInt64), []byte(`x`))
	f.Fuzz(func(t *testing.T, id, service, region, kind, target, endpoint string, size, duration int64, extra []byte) {
		e := map[string]any{
			"timestamp": "2025-07-10T14:32:01.000000001Z", "trace_id": id, "service": service, "cloud_region": region, "type": kind,
			"target": target, "duration_us": duration, "response_size_bytes": size, "source": map[string]any{"endpoint": endpoint, "method": 1},
		}
		if json.Valid(extra) && bytes.Count(extra, []byte("["))+bytes.Count(extra, []byte("{")) < 100 {
			e["aaa"], e["extra"] = json.RawMessage(extra), json.RawMessage(extra)
		}
		data, err := json.Marshal(e)
		if err != nil {
			t.Skip(err)
		}
		spans, summary, err := readAll(data, spanfile.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		valid := slices.Contains([]string{"sql", "http_out", "messaging"}, kind) && id != "" && duration >= 0
		if !valid {
			if len(spans) != 0 || len(summary.Problems) != 1 || summary.Rejected != 1 {
				t.Errorf("%s: %d spans, %+v", data, len(spans), summary)
			}
			return
		}
		plain := func(text string) []byte { return []byte(strings.ToValidUTF8(text, "\uFFFD")) }
		if !utf8.ValidString(id + service + target + endpoint) {
			return // encoding/json replaces byte by byte, and lengths are other ones
		}
		native := nativeEvent{
			Timestamp: "2025-07-10T14:32:01.000000001Z", TraceID: id, Region: region, Type: kind, Target: target,
			Duration: min(duration, math.MaxInt64/1000),
		}
		want := native.span(t)
		want.Service = string(classify.Cut(plain(service), classify.MaxService))
		want.Endpoint = string(classify.Endpoint(plain(endpoint)))
		if size >= 0 {
			want.ResponseBytes = size
		}
		if diff := cmp.Diff([]window.Span{want}, spans); diff != "" || len(summary.Problems) > 0 {
			t.Errorf("%s: %v (-want +got):\n%s", data, summary.Problems, diff)
		}
	})
}

// FuzzRequest writes any request of OTLP in JSON and reads what protobuf reads.
func FuzzRequest(f *testing.F) {
	for _, seed := range (otlptest.Traffic{Spans: 1}).Encoded(f, 8) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var request trace.TracesData
		if err := proto.Unmarshal(data, &request); err != nil {
			return
		}
		want, wantRejected, err := otlp.NewDecoder().Request(data, nil, math.MaxInt)
		if err != nil {
			t.Fatal(err)
		}
		text := otlptest.JSON(t, &request)
		got, rejected, err := spanfile.NewDecoder().Request(text, nil, math.MaxInt)
		if err != nil || !slices.Equal(got, want) || rejected != wantRejected {
			t.Errorf("%s: %v, rejected %v, want %v (-want +got):\n%s", text, err, rejected, wantRejected, cmp.Diff(want, got))
		}
	})
}
