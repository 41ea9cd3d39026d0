package spanfile

import (
	"github.com/dendro-carbon/dendro/internal/classify"
	"github.com/dendro-carbon/dendro/internal/window"
)

// parser makes spans of elements that lie in memory. It keeps everything that
// would otherwise be allocated for each of them.
type parser struct {
	cursor
	names      *classify.Names
	native     event
	otlp       window.Span
	raw        classify.Record
	attributes classify.Attributes
	kept       []byte // texts with escapes that attributes refer to

	traceID          [16]byte
	spanID, parentID [8]byte
}
