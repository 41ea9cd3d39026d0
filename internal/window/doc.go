// Package window is the arithmetic of services: the spans that services report,
// the energy and carbon of a window of them per service and region, and the
// lines that archive such windows.
//
// A [Span] is one decoded and classified span. Operations are counted as they
// come and multiplied once, in sorted order, when the window is closed, so
// that the order of spans changes nothing. The energy of a span whose region is
// not known is kept; its carbon is bounded, and never taken for 0.
//
// The package is pure: no clock, no I/O, no logger. Instants are nanoseconds
// since the Unix epoch, UTC.
package window
