package classify_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/classify"
	"github.com/dendro-carbon/dendro/internal/window"
)

// made makes a span of attributes that are written name=value, with # before a
// number.
func made(t *testing.T, kind classify.SpanKind, attributes ...string) window.Span {
	t.Helper()
	var a classify.Attributes
	for _, attribute := range attributes {
		name, value, _ := strings.Cut(attribute, "=")
		key := classify.Find([]byte(name))
		if number, ok := strings.CutPrefix(value, "#"); ok {
			var n int64
			for _, digit := range strings.TrimPrefix(number, "-") {
				n = n*10 + int64(digit-'0')
			}
			if strings.HasPrefix(number, "-") {
				n = -n
			}
			a.SetNumber(key, n)
			continue
		}
		a.SetText(key, []byte(value))
	}
	record := classify.Record{TraceID: make([]byte, 16), SpanID: []byte("12345678"), Kind: kind, Start: 1}
	record.TraceID[3] = 7
	var span window.Span
	if reason := classify.NewNames().Span(&span, &record, &a); reason != classify.Accepted {
		t.Fatal(reason)
	}
	return span
}

// What a span is, by its kind and its attributes.
func TestOperations(t *testing.T) {
	t.Parallel()
	const client, producer = classify.KindClient, classify.KindProducer
	sql := func(verb window.Verb) window.Span {
		return window.Span{Kind: window.KindSQL, Verb: verb, ResponseBytes: window.UnknownSize}
	}
	http := func(callee string, size int64) window.Span {
		return window.Span{Kind: window.KindHTTP, Callee: callee, ResponseBytes: size}
	}
	message := func(size int64) window.Span { return window.Span{Kind: window.KindMessaging, ResponseBytes: size} }
	other := window.Span{ResponseBytes: window.UnknownSize}
	for name, c := range map[string]struct {
		got, want window.Span
	}{
		"sql":              {made(t, client, "db.system.name=postgresql", "db.query.text=select 1"), sql(window.VerbSelect)},
		"legacy sql":       {made(t, client, "db.system=mysql", "db.statement=INSERT INTO a VALUES (1)"), sql(window.VerbInsert)},
		"text alone":       {made(t, client, "db.query.text=DELETE FROM a"), sql(window.VerbDelete)},
		"current first":    {made(t, client, "db.statement=DELETE FROM a", "db.query.text=UPDATE a SET b=1"), sql(window.VerbUpdate)},
		"embedded":         {made(t, classify.KindInternal, "db.system=sqlite", "db.statement=select 1"), sql(window.VerbSelect)},
		"no kind":          {made(t, classify.KindUnspecified, "db.system=sqlite", "db.statement=x"), sql(window.VerbOther)},
		"operation name":   {made(t, client, "db.system=oracle", "db.operation=SELECT"), sql(window.VerbSelect)},
		"summary":          {made(t, client, "db.system.name=mariadb", "db.query.summary=UPDATE orders"), sql(window.VerbUpdate)},
		"text before name": {made(t, client, "db.system=oracle", "db.operation.name=SELECT", "db.query.text=WITH x"), sql(window.VerbOther)},
		"empty statement":  {made(t, client, "db.system=mysql", "db.statement="), sql(window.VerbOther)},
		"cassandra":        {made(t, client, "db.system=cassandra", "db.statement=SELECT 1"), sql(window.VerbSelect)},
		"new database":     {made(t, client, "db.system=tomorrowdb", "db.statement=SELECT 1"), sql(window.VerbSelect)},
		"connecting":       {made(t, client, "db.system=postgresql"), other},
		"redis":            {made(t, client, "db.system=redis", "db.statement=GET a"), other},
		"case":             {made(t, client, "db.system=MongoDB", "db.statement=find"), other},
		"long name":        {made(t, client, "db.system=a-database-of-a-long-name", "db.statement=select 1"), sql(window.VerbSelect)},
		"database server":  {made(t, classify.KindServer, "db.system=postgresql", "db.statement=select 1"), other},

		"http":                       {made(t, client, "http.request.method=GET", "url.full=https://u:p@Api.Example:8443/a?b", "http.response.body.size=#10240"), http("Api.Example", 10240)},
		"legacy http":                {made(t, client, "http.method=GET", "http.url=http://a/", "http.response_content_length=#0"), http("a", 0)},
		"method alone":               {made(t, client, "http.request.method=GET", "server.address=api.internal"), http("api.internal", -1)},
		"legacy peer":                {made(t, client, "http.method=GET", "net.peer.name=10.0.0.7"), http("10.0.0.7", -1)},
		"size as text":               {made(t, client, "http.method=GET", "http.response.body.size=12"), http("", 12)},
		"negative size":              {made(t, client, "http.method=GET", "http.response.body.size=#-1", "http.response_content_length=#5"), http("", -1)},
		"size is no size":            {made(t, client, "http.method=GET", "http.response.body.size=big"), http("", -1)},
		"url of a span without kind": {made(t, classify.KindUnspecified, "url.full=http://a/"), http("a", -1)},
		"http server":                {made(t, classify.KindServer, "http.request.method=GET", "http.url=http://a/"), other},
		"internal":                   {made(t, classify.KindInternal, "url.full=http://a/"), other},
		"method, no kind":            {made(t, classify.KindUnspecified, "http.method=GET"), other},
		"elasticsearch":              {made(t, client, "db.system=elasticsearch", "url.full=http://es:9200/_search", "db.statement={}"), http("es", -1)},
		"sql over http":              {made(t, client, "db.system=clickhouse", "db.statement=SELECT 1", "url.full=http://ch:8123/"), sql(window.VerbSelect)},

		"message":           {made(t, producer, "messaging.system=kafka", "messaging.message.body.size=#900"), message(900)},
		"legacy message":    {made(t, producer, "messaging.destination=orders", "messaging.message_payload_size_bytes=#7"), message(7)},
		"older message":     {made(t, producer, "messaging.destination.name=orders", "messaging.message.payload_size_bytes=#8"), message(8)},
		"message over http": {made(t, producer, "messaging.system=aws_sqs", "http.method=POST", "http.response.body.size=#5"), message(-1)},
		"producer":          {made(t, producer), other},
		"consumer":          {made(t, classify.KindConsumer, "messaging.system=kafka"), other},
		"receiving":         {made(t, client, "messaging.system=kafka"), other},

		"rpc":          {made(t, client, "rpc.system=grpc", "server.address=a"), http("a", -1)},
		"current rpc":  {made(t, client, "rpc.system.name=connectrpc"), http("", -1)},
		"rpc server":   {made(t, classify.KindServer, "rpc.system=grpc"), other},
		"rpc, no kind": {made(t, classify.KindUnspecified, "rpc.system=grpc"), other},
		"rpc database": {made(t, client, "rpc.system=aws-api", "db.system=dynamodb"), other},
	} {
		c.got.Trace, c.got.Start, c.got.LocalRoot = window.TraceID{}, 0, false
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Where a trace begins in a process.
func TestLocalRoot(t *testing.T) {
	t.Parallel()
	parent := []byte("87654321")
	for name, c := range map[string]struct {
		record classify.Record
		want   bool
	}{
		"no parent":       {classify.Record{Kind: classify.KindClient}, true},
		"zero parent":     {classify.Record{ParentID: make([]byte, 8)}, true},
		"cut parent":      {classify.Record{ParentID: parent[:3]}, true},
		"remote":          {classify.Record{ParentID: parent, Flags: 0x301}, true},
		"local":           {classify.Record{ParentID: parent, Flags: 0x101, Kind: classify.KindServer}, false},
		"old server":      {classify.Record{ParentID: parent, Flags: 1, Kind: classify.KindServer}, true},
		"old consumer":    {classify.Record{ParentID: parent, Kind: classify.KindConsumer}, true},
		"old client":      {classify.Record{ParentID: parent, Kind: classify.KindClient}, false},
		"remote, unknown": {classify.Record{ParentID: parent, Flags: 0x200, Kind: classify.KindInternal}, false},
	} {
		c.record.TraceID, c.record.SpanID, c.record.Start = []byte("0123456789abcdef"), parent, 5
		var span window.Span
		if reason := classify.NewNames().Span(&span, &c.record, new(classify.Attributes)); reason != classify.Accepted || span.LocalRoot != c.want {
			t.Errorf("%s: %v, %v", name, reason, span.LocalRoot)
		}
	}
}

// The resource's region comes before the span's, and one that is not valid is
// none.
func TestRegions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ resource, span, want string }{
		"both": {"eu-west-3", "us-east-1", "eu-west-3"}, "span": {"", "us-east-1", "us-east-1"},
		"bad resource": {"no region!", "us-east-1", "us-east-1"}, "bad span": {"", "é", ""},
		"long": {strings.Repeat("a", 65), "", ""}, "longest": {strings.Repeat("a", 64), "", strings.Repeat("a", 64)},
		"case": {"EU_West", "", "EU_West"}, "dot": {"eu.west", "", ""},
	} {
		var a classify.Attributes
		a.SetText(classify.CloudRegion, []byte(c.resource))
		names := classify.NewNames()
		resource := names.Resource(&a)
		span := made(t, classify.KindClient, "cloud.region="+c.span)
		if resource.Apply(&span); span.Region != c.want {
			t.Errorf("%s: %q", name, span.Region)
		}
	}
}

// Names have the same text afterwards, however many there were before.
func TestNames(t *testing.T) {
	t.Parallel()
	names := classify.NewNames()
	buffer := make([]byte, 0, 64)
	for round := range 3 {
		for n := range 5000 {
			buffer = append(buffer[:0], "service-"...)
			for ; n > 0; n /= 10 {
				buffer = append(buffer, byte('0'+n%10))
			}
			want := string(buffer)
			got := names.Of(buffer)
			for i := range buffer {
				buffer[i] = 'x'
			}
			if got != want {
				t.Fatalf("round %d: %q, want %q", round, got, want)
			}
		}
	}
	if got := names.Of([]byte("a\xffb")); got != "a\uFFFDb" {
		t.Errorf("%q", got)
	}
}

// FuzzTimestamp compares with package time on what both read.
func FuzzTimestamp(f *testing.F) {
	for _, seed := range []string{
		"2025-07-10T14:32:01.000Z", "2025-12-10 03:32:01Z", "2025-07-10T14:32:01+02:00", "2024-02-29T23:59:59.999999999-23:59",
		"2023-02-29T00:00:00Z", "1970-01-01T00:00:00Z", "2261-12-31T23:59:59Z", "2025-07-10T14:32Z", "2025-07-10T24:00:00Z",
		"1970-01-01T00:00:00+00:01", "2025-07-10T14:32:01.Z", "2025-07-10T14:32:01.1234567890Z", "2025-07-10t14:32:01,5z",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := classify.Timestamp([]byte(text))
		var at time.Time
		err := at.UnmarshalText([]byte(text)) // stricter than Parse, but for hours of one digit
		valid := err == nil && text[13] == ':' && at.Unix() >= 0 && at.UTC().Year() < 2262 && at.Year() < 2262 && at.Year() >= 1970
		if valid && (!ok || got != at.UnixNano()) {
			t.Errorf("%q: %d, %v; package time says %d", text, got, ok, at.UnixNano())
		}
		if ok && !valid && got < 0 {
			t.Errorf("%q: %d", text, got)
		}
	})
}

// FuzzText cuts and cleans any text: never longer, never with a secret part,
// never half a character.
func FuzzText(f *testing.F) {
	f.Add("GET https://user:pw@host/a@b?token=1#x", 7)
	f.Add("é€😀", 3)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		if limit < 0 {
			return
		}
		cut := string(classify.Cut([]byte(text), limit))
		if len(cut) > limit || !strings.HasPrefix(text, cut) || utf8.ValidString(text) && !utf8.ValidString(cut) ||
			utf8.ValidString(text) && len(text) > limit && len(cut) <= limit-utf8.UTFMax {
			t.Errorf("cut %q at %d: %q", text, limit, cut)
		}
		before := []byte(text)
		endpoint := string(classify.Endpoint(before))
		if string(before) != text {
			t.Errorf("changed its argument: %q, was %q", before, text)
		}
		if len(endpoint) > classify.MaxEndpoint || strings.ContainsAny(endpoint, "?#") {
			t.Errorf("endpoint of %q: %q", text, endpoint)
		}
		if callee := string(classify.Callee([]byte(text))); strings.ContainsAny(callee, "/@?#") || len(callee) > classify.MaxCallee {
			t.Errorf("callee of %q: %q", text, callee)
		}
		classify.Verb([]byte(text))
	})
}
