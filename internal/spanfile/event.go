package spanfile

import (
	"fmt"
	"math"
	"time"

	"github.com/dendro-carbon/dendro/internal/classify"
	"github.com/dendro-carbon/dendro/internal/window"
)

// eventMember names a member of a native event.
type eventMember uint8

const (
	noMember eventMember = iota
	memberTimestamp
	memberTrace
	memberParent
	memberService
	memberRegion
	memberType
	memberTarget
	memberDuration
	memberSize
	memberSource
	memberIdle // known, and of no use here
)

// eventMemberOf returns the member of a name.
func eventMemberOf(name []byte) eventMember {
	switch string(name) {
	case "timestamp":
		return memberTimestamp
	case "trace_id":
		return memberTrace
	case "parent_span_id":
		return memberParent
	case "service":
		return memberService
	case "cloud_region":
		return memberRegion
	case "type":
		return memberType
	case "target":
		return memberTarget
	case "duration_us":
		return memberDuration
	case "response_size_bytes":
		return memberSize
	case "source":
		return memberSource
	case "span_id", "operation", "status_code":
		return memberIdle
	}
	return noMember
}

// event is a native event while it is read.
type event struct {
	span   window.Span
	verb   window.Verb
	callee []byte // the host of the target, kept until the type is known
	// problem is the first thing that is wrong with the event.
	problem          string
	timed, typed, id bool // whether these members were there
}

// event scans the rest of a native event, from the value of its first known
// member on, and makes its span in p.native. It returns the problem of what is
// JSON but no event.
func (p *parser) event(member eventMember) (problem string, err error) {
	e := &p.native
	*e = event{
		span:   window.Span{ResponseBytes: window.UnknownSize, LocalRoot: true},
		callee: e.callee[:0],
	}
	for {
		if err := p.eventValue(e, member); err != nil {
			return "", err
		}
		name, more, err := p.member(false)
		if err != nil || !more {
			return e.finish(p.names), err
		}
		member = eventMemberOf(name)
	}
}

// eventValue scans the value of one member. A value of another type than the
// member's is as good as none.
func (p *parser) eventValue(e *event, member eventMember) error {
	switch member {
	case noMember, memberIdle:
		return p.skip()
	case memberSource:
		return p.eventSource(e)
	case memberDuration:
		us, ok, err := p.unsigned()
		if !ok {
			e.wrong("duration_us: want a whole number of microseconds")
		}
		e.span.Duration = int64(min(us, math.MaxInt64/uint64(time.Microsecond))) * int64(time.Microsecond)
		return err
	case memberSize:
		size, ok, err := p.unsigned()
		if e.span.ResponseBytes = window.UnknownSize; ok {
			e.span.ResponseBytes = int64(min(size, math.MaxInt64))
		}
		return err
	}
	if p.space() != '"' {
		return p.skip()
	}
	text, err := p.text()
	if err == nil {
		e.set(member, text, p.names)
	}
	return err
}

// set takes over the text of a member.
func (e *event) set(member eventMember, text []byte, names *classify.Names) {
	span := &e.span
	switch member {
	case memberTimestamp:
		e.timed = true
		var ok bool
		if span.Start, ok = classify.Timestamp(text); !ok {
			e.wrong(fmt.Sprintf("timestamp %q: want one such as 2025-07-10T14:32:01.5Z or …+02:00, from 1970 to 2261",
				classify.Cut(text, shown)))
		}
	case memberTrace:
		e.id = len(text) > 0
		span.Trace = classify.Trace(text)
	case memberParent:
		span.LocalRoot = len(text) == 0
	case memberService:
		span.Service = names.Of(classify.Cut(text, classify.MaxService))
	case memberRegion:
		if span.Region = ""; classify.ValidRegion(text) {
			span.Region = names.Of(text)
		}
	case memberType:
		e.typed = true
		e.kind(text)
	case memberTarget:
		e.verb = classify.Verb(text)
		e.callee = append(e.callee[:0], classify.Callee(text)...)
	}
}

// shown bounds what a problem quotes.
const shown = 64

func (e *event) kind(text []byte) {
	switch string(text) {
	case "sql":
		e.span.Kind = window.KindSQL
	case "http_out":
		e.span.Kind = window.KindHTTP
	case "messaging":
		e.span.Kind = window.KindMessaging
	default:
		e.wrong(fmt.Sprintf("type %q: want sql, http_out or messaging", classify.Cut(text, shown)))
	}
}

// eventSource scans the member `source`, of which the endpoint is kept.
func (p *parser) eventSource(e *event) error {
	if p.space() != '{' {
		return p.skip()
	}
	p.pos++
	for first := true; ; first = false {
		name, more, err := p.member(first)
		if err != nil || !more {
			return err
		}
		if string(name) != "endpoint" || p.space() != '"' {
			if err := p.skip(); err != nil {
				return err
			}
			continue
		}
		text, err := p.text()
		if err != nil {
			return err
		}
		e.span.Endpoint = p.names.Of(classify.Endpoint(text))
	}
}

// finish completes the span and returns what is wrong with it, if anything is.
func (e *event) finish(names *classify.Names) (problem string) {
	switch {
	case e.problem != "":
	case !e.timed:
		e.wrong("timestamp: missing")
	case !e.typed:
		e.wrong("type: missing; want sql, http_out or messaging")
	case !e.id:
		e.wrong("trace_id: missing")
	}
	switch e.span.Kind {
	case window.KindSQL:
		e.span.Verb = e.verb
	case window.KindHTTP:
		e.span.Callee = names.Of(e.callee)
	}
	return e.problem
}

func (e *event) wrong(problem string) {
	if e.problem == "" {
		e.problem = problem
	}
}
