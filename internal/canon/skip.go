package canon

// Skip passes over a value of any kind and returns its text, which lies in the text
// that is read.
func (s *Scanner) Skip() []byte {
	c := s.Peek()
	from := s.pos
	if c == '{' || c == '[' {
		s.skipNested()
	} else {
		s.skipFlat(c)
	}
	if s.err != nil {
		return nil
	}
	return s.data[from:s.pos]
}

// skipFlat passes over a value that is no array and no object.
func (s *Scanner) skipFlat(c byte) {
	switch c {
	case '"':
		s.TextBytes()
	case 't', 'f':
		s.Bool()
	case 'n':
		s.Null()
	default:
		s.skipNumber()
	}
}

// skipNested passes over an array or an object.
func (s *Scanner) skipNested() {
	var objects [MaxDepth/64 + 1]uint64 // a bit for each depth: whether an object is open there
	base := s.depth
	for {
		switch c := s.Peek(); c {
		case '{':
			s.Object()
			objects[s.depth/64%len(objects)] |= 1 << (s.depth % 64)
		case '[':
			s.Array()
			objects[s.depth/64%len(objects)] &^= 1 << (s.depth % 64)
		default:
			s.skipFlat(c)
		}
		for more := false; !more; {
			if s.depth == base || s.err != nil {
				return
			}
			if objects[s.depth/64%len(objects)]>>(s.depth%64)&1 == 1 {
				_, more = s.Key()
			} else {
				more = s.Next()
			}
		}
	}
}
