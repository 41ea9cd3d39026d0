package otlp

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/dendro-carbon/dendro/internal/classify"
)

// appendResponse appends an ExportTraceServiceResponse in protobuf. It is empty
// if nothing was rejected, which is how OTLP says that all is well.
func appendResponse(b []byte, rejected classify.Rejections) []byte {
	n := rejected.Total()
	if n == 0 {
		return b
	}
	var partial []byte
	partial = protowire.AppendTag(partial, 1, protowire.VarintType) // rejected_spans
	partial = protowire.AppendVarint(partial, uint64(n))
	partial = protowire.AppendTag(partial, 2, protowire.BytesType) // error_message
	partial = protowire.AppendString(partial, rejected.String())
	b = protowire.AppendTag(b, 1, protowire.BytesType) // partial_success
	return protowire.AppendBytes(b, partial)
}

// partialSuccess is what a response says of rejected spans, in JSON, where
// protobuf's 64-bit integers are strings.
type partialSuccess struct {
	RejectedSpans string `json:"rejectedSpans"`
	ErrorMessage  string `json:"errorMessage"`
}

// responseJSON is appendResponse in JSON.
func responseJSON(rejected classify.Rejections) []byte {
	n := rejected.Total()
	if n == 0 {
		return []byte("{}")
	}
	partial := partialSuccess{strconv.Itoa(n), rejected.String()}
	return mustJSON(map[string]partialSuccess{"partialSuccess": partial})
}

// appendStatus appends a google.rpc.Status in protobuf, which is the body of
// every answer over HTTP that is no success.
func appendStatus(b []byte, code codes.Code, text string) []byte {
	b = protowire.AppendTag(b, 1, protowire.VarintType)
	b = protowire.AppendVarint(b, uint64(code))
	b = protowire.AppendTag(b, 2, protowire.BytesType)
	return protowire.AppendString(b, text)
}

// statusJSON is appendStatus in JSON.
func statusJSON(code codes.Code, text string) []byte {
	return mustJSON(struct {
		Code    codes.Code `json:"code"`
		Message string     `json:"message"`
	}{code, text})
}

// mustJSON writes values that encoding/json can always write.
func mustJSON(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		return []byte("{}")
	}
	return data
}

// code returns how gRPC, and the Status in answers over HTTP, name a fault.
func (f *fault) code() codes.Code {
	switch f.kind {
	case malformed:
		return codes.InvalidArgument
	case tooLarge, overloaded:
		return codes.ResourceExhausted
	case unauthorized:
		return codes.Unauthenticated
	}
	return codes.Unavailable
}

// wholeSeconds rounds a wait up to what Retry-After can say.
func wholeSeconds(wait time.Duration) string {
	return strconv.Itoa(max(1, int(math.Ceil(wait.Seconds()))))
}
