package classify

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/dendro-carbon/dendro/internal/window"
)

// SpanKind is the kind of a span as OTLP numbers it.
type SpanKind uint8

// The kinds.
const (
	KindUnspecified SpanKind = iota
	KindInternal
	KindServer
	KindClient
	KindProducer
	KindConsumer
)

// Flags of a span, as of OTLP 1.1.0: whether its parent is of another process,
// and whether the sender knows.
const (
	flagRemoteKnown = 1 << 8
	flagRemote      = 1 << 9
)

// ErrTooManySpans is the error of decoders for requests with more spans than
// they were told to take.
var ErrTooManySpans = errors.New("too many spans in a request")

// Record is what an OTLP span says besides its attributes. Ids are those of the
// wire, of any length.
type Record struct {
	TraceID, SpanID, ParentID []byte
	Kind                      SpanKind
	Flags                     uint32
	Start, End                uint64 // nanoseconds since the Unix epoch
}

// Reason is why a span was rejected.
type Reason uint8

// The reasons.
const (
	Accepted     Reason = iota
	BadTraceID          // not 16 bytes, or all of them zero
	BadSpanID           // not 8 bytes, or all of them zero
	BadStartTime        // missing, or after the year 2262
	Reasons             // how many there are
)

// String returns the reason as a label of metrics has it.
func (r Reason) String() string {
	switch r {
	case Accepted:
		return "accepted"
	case BadTraceID:
		return "trace_id"
	case BadSpanID:
		return "span_id"
	case BadStartTime:
		return "start_time"
	}
	return "unknown"
}

// Hint returns what the sender has to mend.
func (r Reason) Hint() string {
	switch r {
	case BadTraceID:
		return "trace_id: want 16 bytes, not all of them zero"
	case BadSpanID:
		return "span_id: want 8 bytes, not all of them zero"
	case BadStartTime:
		return "start_time_unix_nano: want nanoseconds since 1970, at most 2^63-1"
	}
	return ""
}

// Rejections counts rejected spans by their reason.
type Rejections [Reasons]int

// Total returns how many spans were rejected.
func (r Rejections) Total() int {
	total := 0
	for reason := Accepted + 1; reason < Reasons; reason++ {
		total += r[reason]
	}
	return total
}

// String returns what is wrong with the spans, one hint after the other with
// their numbers; "" if nothing is.
func (r Rejections) String() string {
	var text strings.Builder
	for reason := Accepted + 1; reason < Reasons; reason++ {
		if r[reason] == 0 {
			continue
		}
		if text.Len() > 0 {
			text.WriteString("; ")
		}
		fmt.Fprintf(&text, "%s (%d spans)", reason.Hint(), r[reason])
	}
	return text.String()
}

// Span makes a span of a record and its attributes. The resource has to be
// applied to it ([Resource.Apply]). A span that ends before it starts has no
// duration. When the result is not [Accepted], into is not changed.
func (n *Names) Span(into *window.Span, r *Record, a *Attributes) Reason {
	switch {
	case !validID(r.TraceID, len(into.Trace)):
		return BadTraceID
	case !validID(r.SpanID, 8):
		return BadSpanID
	case r.Start == 0 || r.Start > math.MaxInt64:
		return BadStartTime
	}
	*into = window.Span{
		Region:        n.region(a.word(CloudRegion)),
		Trace:         window.TraceID(r.TraceID),
		Start:         int64(r.Start),
		ResponseBytes: window.UnknownSize,
		LocalRoot:     r.localRoot(),
	}
	if r.End > r.Start && r.End <= math.MaxInt64 {
		into.Duration = int64(r.End - r.Start)
	}
	n.operation(into, r.Kind, a)
	return Accepted
}

func validID(id []byte, size int) bool {
	if len(id) != size {
		return false
	}
	for _, b := range id {
		if b != 0 {
			return true
		}
	}
	return false
}

// localRoot reports whether the span is the first of its trace in its process:
// it has no parent, or one elsewhere. Senders before OTLP 1.1.0 do not say where
// a parent is; a span of kind SERVER or CONSUMER then has one elsewhere, because
// that is what these kinds mean.
func (r *Record) localRoot() bool {
	switch {
	case !validID(r.ParentID, 8):
		return true
	case r.Flags&flagRemoteKnown != 0:
		return r.Flags&flagRemote != 0
	}
	return r.Kind == KindServer || r.Kind == KindConsumer
}

// operation finds out what the span did.
func (n *Names) operation(span *window.Span, kind SpanKind, a *Attributes) {
	switch kind {
	case KindServer, KindConsumer:
		return
	case KindProducer:
		n.message(span, a)
		return
	}
	if statement, ok := a.sql(); ok {
		span.Kind, span.Verb = window.KindSQL, Verb(statement)
		return
	}
	n.request(span, kind, a)
}

// message recognises what was handed to a broker. That producers alone count is
// what counts a message once: a batch that is sent as CLIENT holds messages that
// have spans of their own.
func (n *Names) message(span *window.Span, a *Attributes) {
	if !a.has(MessagingSystem, MessagingDestinationName, MessagingDestination) {
		return
	}
	span.Kind = window.KindMessaging
	if size, known := a.size(MessagingBodySize, MessagingPayloadSize); known {
		span.ResponseBytes = size
	}
}

// sql returns the text from whose first word the verb is to be taken, if the
// span is a statement: a query text, or else the name of an operation or a
// summary, which begins with one. Connecting, without any of these, is none.
func (a *Attributes) sql() (statement []byte, ok bool) {
	if a.set&databaseMask == 0 || notSQL(a.words(DBSystemName, DBSystem)) {
		return nil, false
	}
	if a.has(DBQueryText, DBStatement) {
		return a.words(DBQueryText, DBStatement), true
	}
	if !a.has(DBSystemName, DBSystem) {
		return nil, false
	}
	if name := a.words(DBOperationName, DBOperation); len(name) > 0 {
		return name, true
	}
	summary := a.word(DBQuerySummary)
	return summary, len(summary) > 0
}

const databaseMask = 1<<DBSystemName | 1<<DBSystem | 1<<DBQueryText | 1<<DBStatement

// notSQL reports the databases of the semantic conventions that do not speak
// SQL or a language with its verbs, as Cassandra's is. Unknown ones are taken to
// speak it: new databases mostly do. Case does not matter.
func notSQL(system []byte) bool {
	var lower [16]byte // longer than the longest of them
	if len(system) > len(lower) {
		return false
	}
	for i, b := range system {
		if b >= 'A' && b <= 'Z' {
			b |= 0x20
		}
		lower[i] = b
	}
	switch string(lower[:len(system)]) {
	case "redis", "memcached", "mongodb", "couchdb", "couchbase", "elasticsearch", "opensearch",
		"dynamodb", "aws.dynamodb", "cosmosdb", "azure.cosmosdb", "hbase", "geode", "neo4j", "influxdb",
		"coherence", "filemaker", "aws.opensearch", "gcp.firestore", "valkey", "milvus", "qdrant", "pinecone":
		return true
	}
	return false
}

// request recognises an outgoing HTTP request. A span without a kind is one if
// it has a full URL, which only clients know. Databases that are spoken to over
// HTTP are found here, and so are calls of remote procedures.
func (n *Names) request(span *window.Span, kind SpanKind, a *Attributes) {
	url := a.words(URLFull, HTTPURL)
	switch {
	case kind == KindClient && (len(url) > 0 || a.has(HTTPRequestMethod, HTTPMethod)):
	case kind == KindUnspecified && len(url) > 0:
	case kind == KindClient && a.has(RPCSystemName, RPCSystem) && a.set&databaseMask == 0:
	default:
		return
	}
	span.Kind = window.KindHTTP
	callee := Callee(url)
	if len(callee) == 0 {
		callee = host(a.words(ServerAddress, NetPeerName))
	}
	span.Callee = n.Of(callee)
	if size, known := a.size(HTTPResponseBodySize, HTTPResponseContentLength); known {
		span.ResponseBytes = size
	}
}
