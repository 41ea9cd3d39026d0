package classify

import (
	"strings"

	"github.com/dendro-carbon/dendro/internal/window"
)

// maxNames bounds what one [Names] remembers: with texts of at most 512 bytes
// less than 3 MB.
const maxNames = 4096

// Names gives texts out of a decoder's buffer a life of their own, and the same
// text the same memory: services, regions and hosts come again with every
// span. It remembers a bounded number of texts and begins anew when they are
// too many, so a flood of names costs time and no memory. A Names is for one
// goroutine. Create one with [NewNames].
type Names struct {
	kept map[string]string
	last string // the text asked for last: most spans follow one of their kind
}

// NewNames returns a Names that remembers nothing yet.
func NewNames() *Names { return &Names{kept: make(map[string]string, 64)} }

// Of returns text as a string. Bytes that are no UTF-8 become U+FFFD.
func (n *Names) Of(text []byte) string {
	if len(text) == 0 {
		return ""
	}
	if string(text) == n.last {
		return n.last
	}
	name, ok := n.kept[string(text)]
	if !ok {
		name = n.keep(string(text))
	}
	n.last = name
	return name
}

func (n *Names) keep(text string) string {
	if len(n.kept) >= maxNames {
		clear(n.kept)
	}
	name := strings.ToValidUTF8(text, "\uFFFD")
	n.kept[text] = name
	return name
}

// Resource is what all spans of a process have in common.
type Resource struct {
	Service, Region, Environment string
}

// Resource returns what the attributes of a resource say. A region that is not
// valid is none.
func (n *Names) Resource(a *Attributes) Resource {
	return Resource{
		Service:     n.Of(Cut(a.word(ServiceName), MaxService)),
		Region:      n.region(a.word(CloudRegion)),
		Environment: n.Of(Cut(a.words(DeploymentEnvironmentName, DeploymentEnvironment), MaxEnvironment)),
	}
}

func (n *Names) region(text []byte) string {
	if !ValidRegion(text) {
		return ""
	}
	return n.Of(text)
}

// Apply gives a span the resource's service and environment, and its region if
// it has one: the resource's region comes before the span's own.
func (r Resource) Apply(span *window.Span) {
	span.Service, span.Environment = r.Service, r.Environment
	if r.Region != "" {
		span.Region = r.Region
	}
}
