// Package otlp receives spans over OTLP: gRPC, and HTTP with protobuf or JSON.
//
// A request is decoded into a [Batch] and offered to a [Sink]; the sender gets
// its acknowledgement after the sink has taken the batch and never before, so
// what was acknowledged is the sink's to keep. What a sink has no room for is
// refused in a way that makes senders try again later. Spans that are not valid
// are left out of the batch and reported to the sender and to the sink.
//
// Requests are read by a scanner of our own over the bytes of the wire
// ([Decoder]): of a span a dozen attributes matter, and generated code would
// allocate for all the others first (docs/adr/0020).
package otlp
