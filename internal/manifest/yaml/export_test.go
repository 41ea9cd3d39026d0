package yaml

import "slices"

// Ways tells how the lists of a text were read: scanned, by the library on
// their own, or with the rest of the text.
func Ways(data []byte) (scanned, alone, withRest int) {
	s := newSplit(data)
	s.find("", Options{})
	s.read("", Options{})
	for _, p := range s.parts {
		switch {
		case p.refused:
			withRest++
		case p.scanned:
			scanned++
		default:
			alone++
		}
	}
	return scanned, alone, withRest
}

// InChunks returns the options with which large maps begin at so many bytes.
func (o Options) InChunks(bytes int) Options {
	o.chunkBytes = bytes
	return o
}

// Chunked reports whether a large map of the text was read in chunks.
func Chunked(data []byte) bool {
	s := newSplit(data)
	s.find("", Options{}.InChunks(1))
	s.read("", Options{})
	return slices.ContainsFunc(s.parts, func(p *part) bool { return p.block != nil && !p.refused })
}
