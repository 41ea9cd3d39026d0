package classify_test

import (
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/classify"
	"github.com/dendro-carbon/dendro/internal/window"
)

// A decoder sets the attributes that matter and gets a span.
func Example() {
	names := classify.NewNames()
	var a classify.Attributes
	a.SetText(classify.Find([]byte("service.name")), []byte("checkout"))
	a.SetText(classify.Find([]byte("cloud.region")), []byte("eu-west-3"))
	resource := names.Resource(&a)

	a.Reset()
	a.SetText(classify.Find([]byte("http.request.method")), []byte("GET"))
	a.SetText(classify.Find([]byte("url.full")), []byte("https://user:secret@stock.example:8443/items?key=1"))
	a.SetNumber(classify.Find([]byte("http.response.body.size")), 20_000)
	a.SetText(classify.Find([]byte("thread.name")), []byte("main")) // ignored
	record := classify.Record{
		TraceID: []byte("0123456789abcdef"), SpanID: []byte("01234567"), ParentID: []byte("76543210"),
		Kind: classify.KindClient, Start: 1_752_157_921_000_000_000, End: 1_752_157_921_004_000_000,
	}
	var span window.Span
	fmt.Println(names.Span(&span, &record, &a))
	resource.Apply(&span)
	fmt.Println(span.Service, span.Region, span.Kind == window.KindHTTP, span.Callee, span.ResponseBytes, time.Duration(span.Duration))
	// Output:
	// accepted
	// checkout eu-west-3 true stock.example 20000 4ms
}

// A value of a type that says nothing takes back what was set before.
func ExampleAttributes_Unset() {
	var a classify.Attributes
	a.SetText(classify.ServiceName, []byte("checkout"))
	a.Unset(classify.ServiceName)
	fmt.Printf("%q\n", classify.NewNames().Resource(&a).Service)
	// Output: ""
}

// The first word counts, and only as a word of its own.
func ExampleVerb() {
	for _, statement := range []string{"select 1", " \tUPDATE a", "SELECT\t1", "(SELECT 1)", "WITH x AS (SELECT 1) SELECT 2", "selected"} {
		fmt.Print(classify.Verb([]byte(statement)), " ")
	}
	fmt.Println(window.VerbSelect, window.VerbUpdate, window.VerbOther)
	// Output: 1 3 1 0 0 0 1 3 0
}

// Query, fragment and user are not kept.
func ExampleEndpoint() {
	fmt.Printf("%s\n", classify.Endpoint([]byte("POST /orders?token=abc#top")))
	fmt.Printf("%s\n", classify.Endpoint([]byte("GET https://user:pw@shop.example/orders?id=7")))
	// Output:
	// POST /orders
	// GET https://shop.example/orders
}

func ExampleCallee() {
	for _, url := range []string{"https://user:pw@Order-Svc:443/a", "http://[2001:db8::1]:80/", "ftp://host/", "/relative"} {
		fmt.Printf("%q ", classify.Callee([]byte(url)))
	}
	// Output: "Order-Svc" "2001:db8::1" "" ""
}

// No character is cut in half.
func ExampleCut() {
	fmt.Printf("%s %s\n", classify.Cut([]byte("café"), 4), classify.Cut([]byte("café"), 5))
	// Output: caf café
}

func ExampleValidRegion() {
	fmt.Println(classify.ValidRegion([]byte("europe-west4")), classify.ValidRegion([]byte("eu west")))
	// Output: true false
}

// Any offset will do; a time without one is no instant.
func ExampleTimestamp() {
	for _, text := range []string{"2025-07-10T14:32:01.5Z", "2025-07-10 16:32:01.5+02:00", "2025-07-10T14:32:01.5"} {
		nanos, ok := classify.Timestamp([]byte(text))
		fmt.Println(nanos, ok)
	}
	// Output:
	// 1752157921500000000 true
	// 1752157921500000000 true
	// 0 false
}

// The same trace has one id, however it is written.
func ExampleTrace() {
	fmt.Printf("%x\n", classify.Trace([]byte("5B8EFFF798038103D269B633813FC60C")))
	fmt.Printf("%x\n", classify.Trace([]byte("t1"))) // a hash, the same everywhere
	// Output:
	// 5b8efff798038103d269b633813fc60c
	// a92449eccdb568005f0dd48ec1946df9
}

// One text has one memory.
func ExampleNames_Of() {
	names := classify.NewNames()
	buffer := []byte("checkout")
	first := names.Of(buffer)
	buffer[0] = 'X' // the buffer may be used again
	fmt.Println(first)
	// Output: checkout
}

// Senders are told what they have to mend.
func ExampleRejections() {
	var rejected classify.Rejections
	rejected[classify.BadSpanID] = 2
	rejected[classify.BadStartTime]++
	fmt.Println(rejected.Total(), rejected)
	fmt.Println(classify.BadTraceID, "-", classify.BadTraceID.Hint())
	// Output:
	// 3 span_id: want 8 bytes, not all of them zero (2 spans); start_time_unix_nano: want nanoseconds since 1970, at most 2^63-1 (1 spans)
	// trace_id - trace_id: want 16 bytes, not all of them zero
}
