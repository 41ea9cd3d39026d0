// Package spanfile reads spans from files, batch by batch and in constant
// memory: requests of OTLP in JSON, as one document or one a line as the
// Collector's file exporter writes them, and native events, as an array or one
// a line. Which of them a file holds, and whether it is compressed by gzip, is
// seen from its content.
//
//	file    = value { value }          white space or nothing between them
//	value   = element | "[" element, … "]"
//	element = request of OTLP | native event
//
// The scanner holds one element of these at a time, whole: a span, a resource or
// an event. When the bytes at hand end inside one, it reads on and begins that
// element again; so scanning itself never has to wait for bytes.
//
// What a file says wrongly is a [Problem] with its line, and reading goes on
// behind it where that is possible: after an event or span that is not valid,
// and after a line that is not JSON.
package spanfile
