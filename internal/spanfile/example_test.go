package spanfile_test

import (
	"fmt"
	"strings"

	"github.com/dendro-carbon/dendro/internal/spanfile"
	"github.com/dendro-carbon/dendro/internal/window"
)

// Files of both kinds are read by the same call, and what is wrong is told with
// its line.
func ExampleRead() {
	const file = `{"timestamp":"2025-07-10T14:32:01Z","trace_id":"t1","service":"shop","type":"sql","target":"SELECT 1"}
{"timestamp":"2025-07-10T14:32:02Z","trace_id":"t1","service":"shop","type":"cache"}
{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"stock"}}]},"scopeSpans":[{"spans":[
{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","kind":3,"startTimeUnixNano":"1752157923000000000",
"attributes":[{"key":"url.full","value":{"stringValue":"http://prices.example/today"}}]}]}]}]}
`
	summary, err := spanfile.Read("spans.json", strings.NewReader(file), spanfile.Limits{}, func(spans []window.Span) error {
		for _, span := range spans {
			fmt.Printf("%s %v %q\n", span.Service, span.Kind == window.KindSQL, span.Callee)
		}
		return nil
	})
	fmt.Println(summary.Spans, summary.Rejected, err)
	for _, problem := range summary.Problems {
		fmt.Println(problem)
	}
	// Output:
	// shop true ""
	// stock false "prices.example"
	// 2 1 <nil>
	// spans.json:2: span 2: type "cache": want sql, http_out or messaging
}

// What is done with spans is done while the next ones are read.
func ExampleReadAhead() {
	const event = `{"timestamp":"2025-07-10T14:32:03Z","trace_id":"t1","span_id":"a","service":"shop","type":"sql","operation":"SELECT","target":"SELECT 1","duration_us":40}`
	var spans uint64
	summary, err := spanfile.ReadAhead("spans.json", strings.NewReader("["+event+","+event+"]"), spanfile.Limits{Batch: 1}, func(batch []window.Span) {
		spans += uint64(len(batch))
	})
	fmt.Println(spans, summary.Spans, err)
	// Output: 2 2 <nil>
}

// A request that lies in memory is all or nothing.
func ExampleDecoder_Request() {
	decoder := spanfile.NewDecoder()
	const span = `{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","startTimeUnixNano":"1752157923000000000"}`
	spans, rejected, err := decoder.Request([]byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[`+span+`,{}]}]}]}`), nil, 1000)
	fmt.Println(len(spans), rejected.Total(), err)
	spans, _, err = decoder.Request([]byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[`+span+`,`), nil, 1000)
	fmt.Println(len(spans), err)
	// Output:
	// 1 1 <nil>
	// 0 byte 160: ends inside a value
}
