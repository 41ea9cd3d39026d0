package slots

import (
	"sync"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// EventKind says what happened.
type EventKind string

// The kinds of events.
const (
	// EventClosed: a slot was closed.
	EventClosed EventKind = "closed"
	// EventRestated: a closed slot changed.
	EventRestated EventKind = "restated"
	// EventOpen: there is a new view of the open slot.
	EventOpen EventKind = "open"
	// EventTrouble: a duty began to fail, or works again; see [Driver.Status].
	EventTrouble EventKind = "trouble"
)

// Event tells that the ledger, or what is shown before it, has changed.
type Event struct {
	Kind    EventKind     `json:"kind"`
	Slot    account.Span  `json:"slot,omitzero"`
	KnownAt time.Time     `json:"known_at,omitzero"`
	Reason  ledger.Reason `json:"reason,omitempty"`
	// Missed is how many events before this one the receiver was too slow for.
	Missed int `json:"missed,omitempty"`
}

// hub passes events on to whoever listens.
type hub struct {
	mu        sync.Mutex
	listeners map[*listener]struct{}
}

type listener struct {
	events chan Event
	missed int
}

// Subscribe returns a channel of what happens from now on, and a function that
// ends and closes it. A receiver that is slow loses events and is told how many;
// it never holds the driver up.
func (d *Driver) Subscribe() (<-chan Event, func()) {
	l := &listener{events: make(chan Event, 64)}
	h := &d.events
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.listeners == nil {
		h.listeners = map[*listener]struct{}{}
	}
	h.listeners[l] = struct{}{}
	return l.events, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if _, ok := h.listeners[l]; ok {
			delete(h.listeners, l)
			close(l.events)
		}
	}
}

func (h *hub) send(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.listeners {
		e.Missed = l.missed
		select {
		case l.events <- e:
			l.missed = 0
		default:
			l.missed++
		}
	}
}
