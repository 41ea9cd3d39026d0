// Package shelf reads a folder of disclosures, with the statements beside them, for a
// server that shows them: what there is, whether it verifies, and what follows or
// replaces what.
//
// The folder is not trusted. Whatever in it is no document costs itself and is listed
// with the reason; symbolic links and what is no regular file are not opened, and
// nothing is read without a bound.
//
// What a reader would get wrong: [Shelf.List] remembers what it has read as long as
// size, time and identity of the files stay, and a forger can keep all of these.
// What is given out or verified, by [Shelf.Read] and [Shelf.Verify], is read again
// each time.
package shelf
