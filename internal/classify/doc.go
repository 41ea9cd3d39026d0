// Package classify makes a [window.Span] of what a span says about itself: its
// attributes by the semantic conventions of OpenTelemetry, current and legacy,
// or the fields of a native event.
//
// It decides what a span is (a SQL statement, an outgoing HTTP request or
// remote procedure call, a message handed to a broker, or none of these), and
// bounds and cleans every text that is kept of it. It reads no wire format: decoders look an attribute
// up with [Find] and set it in [Attributes], which alias the decoder's bytes, so
// that nothing is copied for the attributes that do not matter.
//
// Of a span of kind CLIENT whose attributes fit several conventions the first
// of database, HTTP and messaging counts. Spans of kind SERVER and CONSUMER are
// the other end of somebody's operation and are never operations themselves.
package classify
