package window

// Kind says which resource a span used, and so how its energy is estimated.
type Kind uint8

const (
	// KindOther is a span that is none of the others. It is no operation: it is
	// counted apart, and costs energy only if a factor per second is configured.
	KindOther Kind = iota
	// KindSQL is a statement sent to a database; its [Verb] weighs it.
	KindSQL
	// KindHTTP is an outgoing HTTP request or remote procedure call; the size of its
	// response weighs it.
	KindHTTP
	// KindMessaging is a message handed to a broker by its producer.
	KindMessaging
)

// Verb is what a SQL statement begins with, as far as energy goes.
type Verb uint8

const (
	// VerbOther is any other first word, and a span that is not SQL.
	VerbOther Verb = iota
	// VerbSelect is SELECT.
	VerbSelect
	// VerbInsert is INSERT.
	VerbInsert
	// VerbUpdate is UPDATE.
	VerbUpdate
	// VerbDelete is DELETE.
	VerbDelete
)

// UnknownSize is the [Span.ResponseBytes] of a span that does not say.
const UnknownSize int64 = -1

// TraceID names a trace. An id of 32 hexadecimal digits is those 16 bytes; any
// other is a 128-bit hash of its text. The zero TraceID means that the span
// names no trace: it is in no count of traces.
type TraceID [16]byte

// Span is one span, decoded and classified. A Span owns nothing: its texts may
// share memory with the request it came from, for as long as the scorer runs.
// The zero value is a span of an unnamed service, in no region, that is no
// operation.
type Span struct {
	// Service is the service's name as reported, at most 256 bytes; "" if it
	// reports none. Case does not matter: names are merged without regard to it.
	Service string
	// Region is the cloud region as reported, a valid region id, or "" if the
	// span names none or an invalid one. Case does not matter.
	Region string
	// Environment is the deployment environment as reported, or "".
	Environment string
	// Endpoint is the operation of the service on whose behalf the span ran,
	// such as "POST /orders", or "".
	Endpoint string
	// Callee is the host of an outgoing HTTP request, without user, port and
	// path, or "". Case does not matter.
	Callee string
	// Trace is the trace that the span belongs to.
	Trace TraceID
	// Start is when the span began, in nanoseconds since the Unix epoch, or 0 or
	// less if that is not known.
	Start int64
	// Duration is how long it took, in nanoseconds; negative counts as 0.
	Duration int64
	// ResponseBytes is the size of the body of an HTTP response or of a message,
	// in bytes; [UnknownSize] or another negative number if not known.
	ResponseBytes int64
	// Kind says what the span did.
	Kind Kind
	// Verb is the statement's verb if Kind is [KindSQL].
	Verb Verb
	// LocalRoot is set on the span at which a trace is counted as it comes in: the
	// first one that is reported here, which has no parent, or one that is known to
	// be reported elsewhere.
	LocalRoot bool
}
