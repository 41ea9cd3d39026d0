// Package scored says what archived windows tell of a period: cells of services and
// regions, counts of spans and of drops, sums of meters, and the windows themselves page
// by page.
//
// Its figures are those of the time at which windows were scored. The ledger derives
// carbon of the same energy anew, so its figures may be better; what only windows know
// are bounds, counts and sources.
//
// The fact that a reader would get wrong: work is bounded. A period may have half a
// million windows, so one answer reads so many bytes and no more, newest files first,
// and says from when on its sums are ([Extent]). Sums of closed files are remembered:
// they never change, and the next answer goes further back.
package scored
