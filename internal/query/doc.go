// Package query turns a question that a person asks, in words such as
// by=facility,group and month=2026-01, into figures of the ledger. The command
// line and the HTTP API share it, so the same question has the same answer on
// both.
//
// The fact that a reader would get wrong: a window is exactly what was asked for,
// rounded outwards to whole slots. With a step, the first and the last period
// are cut to the window, so the series of a node sums to the node. The slot
// that is still open is part of the answer, marked provisional, unless the
// question is about an earlier state of knowledge.
package query
