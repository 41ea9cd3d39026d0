package spanfile_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/spanfile"
	"github.com/dendro-carbon/dendro/internal/window"
)

// event returns a native event with some members replaced or added.
func event(members string) string {
	return `{"timestamp":"2025-07-10T14:32:01Z","trace_id":"t","type":"sql"` + members + `}`
}

// What is wrong is told with its line, and what is right is read all the same.
func TestProblems(t *testing.T) {
	t.Parallel()
	id := `"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708"`
	for name, c := range map[string]struct {
		file  string
		spans int
		want  []string
	}{
		"events": {
			file: "[\n" + event(``) + ",\n" + event(`,"type":"cache"`) + ",\n" + event(`,"timestamp":"yesterday"`) + ",\n" +
				event(`,"timestamp":"2025-07-10T14:32:01"`) + ",\n" + event(`,"duration_us":-1`) + ",\n" + event(`,"trace_id":""`) +
				",\n" + `{"service":"a"}` + ",\n" + `{"timestamp":"2025-07-10T14:32:01Z","service":"a"}` + ",\n" + event(``) + "\n]\n",
			spans: 2,
			want: []string{
				`f.json:3: span 2: type "cache": want sql, http_out or messaging`,
				`f.json:4: span 3: timestamp "yesterday": want one such as 2025-07-10T14:32:01.5Z or …+02:00, from 1970 to 2261`,
				`f.json:5: span 4: timestamp "2025-07-10T14:32:01": want one such as 2025-07-10T14:32:01.5Z or …+02:00, from 1970 to 2261`,
				`f.json:6: span 5: duration_us: want a whole number of microseconds`,
				`f.json:7: span 6: trace_id: missing`,
				`f.json:8: span 7: timestamp: missing`,
				`f.json:9: span 8: type: missing; want sql, http_out or messaging`,
			},
		},
		"lines that are no JSON": {
			file:  event(``) + "\n{\"type\": sql}\nnonsense\n" + event(``) + "\n\n5\n" + event(``) + "\n" + event(``)[:30],
			spans: 3,
			want: []string{
				"f.json:2: want a value", "f.json:6: want an object or an array", "f.json:8: ends inside a value",
			},
		},
		"an array that breaks": {
			file:  "[" + event(``) + ",\n" + event(``) + "\n" + event(``) + "]",
			spans: 2,
			want:  []string{"f.json:3: want a comma or ] between elements"},
		},
		"spans of OTLP": {
			file: `{"resourceSpans":[{"scopeSpans":[{"spans":[` + "\n" +
				`{` + id + `,"startTimeUnixNano":"5"},` + "\n" +
				`{"traceId":"00000000000000000000000000000000","spanId":"0102030405060708","startTimeUnixNano":5},` + "\n" +
				`{"traceId":"0102","startTimeUnixNano":5},` + "\n" +
				`{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405","startTimeUnixNano":5},` + "\n" +
				`{` + id + `,"startTimeUnixNano":"-5"},` + "\n" + `null,` + "\n" + `{` + id + `,"startTimeUnixNano":"5"}` + "\n" + `]}]}]}`,
			spans: 2,
			want: []string{
				"f.json:3: span 2: trace_id: want 16 bytes, not all of them zero",
				"f.json:4: span 3: trace_id: want 16 bytes, not all of them zero",
				"f.json:5: span 4: span_id: want 8 bytes, not all of them zero",
				"f.json:6: span 5: start_time_unix_nano: want nanoseconds since 1970, at most 2^63-1",
				"f.json:7: span 6: trace_id: want 16 bytes, not all of them zero",
			},
		},
		"other messages": {
			file: "{\"resourceLogs\":[]}\n{\"resourceSpans\":{}}\n{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[5]}]}]}\n{}\n",
			want: []string{
				"f.json:1: neither a request of OTLP traces nor an event: no member of one",
				"f.json:2: want an array", "f.json:3: want an object",
			},
		},
		"nothing":     {file: "\n \n"},
		"empty array": {file: "[]"},
	} {
		spans, summary := read(t, c.file, spanfile.Limits{})
		var got []string
		for _, p := range summary.Problems {
			got = append(got, p.Error())
		}
		if diff := cmp.Diff(c.want, got); diff != "" || len(spans) != c.spans {
			t.Errorf("%s: %d spans, want %d (-want +got):\n%s", name, len(spans), c.spans, diff)
		}
	}
}

// Problems are kept up to a number, and all counted.
func TestManyProblems(t *testing.T) {
	t.Parallel()
	_, summary := read(t, strings.Repeat(event(`,"type":"x"`)+"\n", 1000), spanfile.Limits{Problems: 7})
	if len(summary.Problems) != 7 || summary.MoreProblems != 993 || summary.Rejected != 1000 {
		t.Errorf("%d problems, %d more, %d rejected", len(summary.Problems), summary.MoreProblems, summary.Rejected)
	}
}

// An element has a limit, and the file goes on behind it.
func TestElementLimit(t *testing.T) {
	t.Parallel()
	file := event(``) + "\n" + event(`,"target":"`+strings.Repeat("x", 5000)+`"`) + "\n" + event(``) + "\n"
	spans, summary := read(t, file, spanfile.Limits{Element: 4096})
	if len(spans) != 2 || len(summary.Problems) != 1 || summary.Problems[0].Error() != "f.json:2: an element has more than 4096 bytes" {
		t.Errorf("%d spans, %v", len(spans), summary.Problems)
	}
}

// Spans before their resource wait for it up to a number.
func TestHeldLimit(t *testing.T) {
	t.Parallel()
	const one = `{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","startTimeUnixNano":"5"}`
	file := `{"resourceSpans":[{"scopeSpans":[{"spans":[` + strings.Repeat(one+",", 99) + one +
		`]}],"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"late"}}]}}]}`
	spans, summary := read(t, file, spanfile.Limits{Batch: 8})
	if len(spans) != 100 || spans[0].Service != "late" || spans[99].Service != "late" || len(summary.Problems) > 0 {
		t.Errorf("%d spans, first of %q, %v", len(spans), spans[0].Service, summary.Problems)
	}
	spans, summary = read(t, file, spanfile.Limits{Batch: 8, Held: 60})
	if len(spans) != 100 || spans[0].Service != "" || len(summary.Problems) != 1 ||
		!strings.HasPrefix(summary.Problems[0].Error(), "f.json:1: span 60: more than 60 spans before their resource") {
		t.Errorf("%d spans, first of %q, %v", len(spans), spans[0].Service, summary.Problems)
	}
}

// Errors of reading, of decompressing and of use end it, with what came before.
func TestErrors(t *testing.T) {
	t.Parallel()
	file := strings.Repeat(event(``)+"\n", 10)
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		from io.Reader
		fail error // of use
		want error
		read int
	}{
		"disk":     {from: io.MultiReader(strings.NewReader(file), iotest.ErrReader(broken)), want: broken, read: 10},
		"first":    {from: iotest.ErrReader(broken), want: broken},
		"cut gzip": {from: strings.NewReader(string(zipped(t, []byte(file)))[:50]), want: io.ErrUnexpectedEOF, read: -1},
		"use":      {from: strings.NewReader(file), fail: broken, want: broken, read: 3},
	} {
		got := 0
		_, err := spanfile.Read("f", c.from, spanfile.Limits{Batch: 3}, func(batch []window.Span) error {
			got += len(batch)
			return c.fail
		})
		if !errors.Is(err, c.want) || c.read >= 0 && got != c.read {
			t.Errorf("%s: %d spans, %v", name, got, err)
		}
	}
}

// events without end: a reader that never holds more than one of them.
type endless struct{ left int }

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	e.left--
	return copy(p, fmt.Sprintf("{\"timestamp\":\"2025-07-10T14:32:01Z\",\"trace_id\":\"%d\",\"service\":\"s-%d\",\"type\":\"sql\"}\n", e.left, e.left)), nil
}

// Memory does not grow with the file, nor with the number of names in it.
func TestConstantMemory(t *testing.T) {
	count := 200_000
	if testing.Short() {
		count = 40_000
	}
	var before, peak runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	batches := 0
	summary, err := spanfile.Read("f", &endless{left: count}, spanfile.Limits{}, func([]window.Span) error {
		if batches++; batches%16 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&peak)
			if grown := int64(peak.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
				return fmt.Errorf("%d bytes more after %d batches", grown, batches)
			}
		}
		return nil
	})
	if err != nil || int(summary.Spans) != count {
		t.Errorf("%d spans, %v", summary.Spans, err)
	}
}

// Readers that give little at a time change nothing.
func TestSlowReaders(t *testing.T) {
	t.Parallel()
	file := string(otlpLines(t, 1)) + string(events(50, true))
	want, _ := read(t, file, spanfile.Limits{})
	for name, from := range map[string]io.Reader{
		"one byte": iotest.OneByteReader(strings.NewReader(file)), "with the end": iotest.DataErrReader(strings.NewReader(file)),
	} {
		var got []window.Span
		summary, err := spanfile.Read("f", from, spanfile.Limits{}, func(batch []window.Span) error {
			got = append(got, batch...)
			return nil
		})
		if diff := cmp.Diff(want, got); diff != "" || err != nil || len(summary.Problems) > 0 {
			t.Errorf("%s: %v %v (-want +got):\n%s", name, summary.Problems, err, diff)
		}
	}
}
