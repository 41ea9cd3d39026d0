// Package scoring drives windows: it takes spans, keeps them safe, cuts windows by
// time and by size, scores them, hands them to the archive, and makes facts for
// the ledger of what the archive has.
//
//	spans ──▶ journal ──▶ counted ──cut──▶ window ──▶ archive ──▶ [Book] ──▶ facts of slots
//	            │                             ▲
//	            └──────── after a crash ──────┘
//
// A batch is acknowledged when it is in the journal, and lies there until its window
// is in the archive. Before a window is archived its journal notes at which place in
// the archive it will be. So a driver that was killed at any instant finds out which
// windows the archive has, and scores the others again: nothing that was
// acknowledged is lost or counted twice.
//
// The fact that a reader would get wrong: a window without spans is not closed after its
// time but goes on, so that an idle server writes nothing. It is closed when the slot of
// the ledger in which it began has ended, if that slot waits for it: for what meters
// measured of services that rest, or for how long services were watched that it has.
// Otherwise the time in which nothing came is part of the window in which something came
// at last.
package scoring
