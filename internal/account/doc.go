// Package account is the things of the ledger: labels, slots and calendars,
// facts, holdings, intensities, entries, and the views that add entries up.
//
// Facts, holdings and intensities are append-only and bitemporal: each says
// what was so (its slot or span) and since when that was known. Package derive
// makes entries of them.
//
// All quantities are integers, so a [Tree] adds up exactly: in every slot, at
// every level, the children and rests of a node sum to it. Every list in and out
// has a canonical order; nothing depends on the order of maps or of arrival.
//
// The package is pure: no clock, no I/O, no logger. Times are arguments, and
// *time.Location values come from the caller. Instants are kept to the
// microsecond and half-open: from is inside a span, to is not.
package account
