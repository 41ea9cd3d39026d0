package mongo

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/dendro-carbon/dendro/internal/directory"
)

// overlap is how far back what is new is asked for again: whoever writes documents
// has another clock, and writes later than the times in them.
const overlap = time.Hour

// document is what was read of a workspace.
type document struct {
	id    bson.RawValue
	raw   []byte // as read, to see whether it changes
	space directory.Workspace
	usual bool // whether it makes a holding
	// problems are what is wrong with it.
	problems []string
}

// live reports whether it may still change in the ordinary course of things.
func (d *document) live(now time.Time) bool {
	return d.space.To.IsZero() || d.space.To.After(now)
}

// people is what was read of the other collections.
type people struct {
	persons     []directory.Person
	experiments []directory.Experiment
	hosts       []directory.Host
	warnings    []directory.Warning
	raw         []byte // of all documents, to see whether they change
}

// refresh reads what may have changed and tells the tracker if anything has.
func (s *Source) refresh(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.config.Timeout, errTimeout(s.config.Timeout))
	defer cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	now := s.now()
	changed := !s.began
	if s.peopled.IsZero() || now.Sub(s.peopled) >= s.config.PeopleEvery {
		read, err := s.readPeople(ctx)
		if err != nil {
			return within(ctx, err)
		}
		changed = changed || !bytes.Equal(read.raw, s.people.raw)
		s.people, s.peopled = read, now
	}
	news, err := s.readWorkspaces(ctx, now)
	if err != nil {
		return within(ctx, err)
	}
	if changed || news {
		s.tracker.Set(s.records(), s.warnings(), now)
		s.began = true
	}
	return nil
}

// readWorkspaces reads all workspaces, or those that are new or have not ended, and
// reports whether any has changed. After an error nothing has.
func (s *Source) readWorkspaces(ctx context.Context, now time.Time) (changed bool, err error) {
	filter := bson.D{}
	full := s.full.IsZero() || now.Sub(s.full) >= s.config.FullEvery
	if !full {
		filter = s.decoder.recent(s.asked.Add(-overlap), now)
	}
	read := map[string]*document{}
	keep := func(raw bson.Raw) {
		d := s.decoder.workspace(raw)
		read[d.space.ID] = d
	}
	if err := s.find(ctx, s.config.Workspaces, filter, s.decoder.paths("workspace."), keep); err != nil {
		return false, err
	}
	if !full {
		if err := s.readAgain(ctx, read, now, keep); err != nil {
			return false, err
		}
	}
	for id, d := range s.workspaces {
		if _, ok := read[id]; !ok {
			if full || d.live(now) { // it is gone
				delete(s.workspaces, id)
				changed = true
			}
		}
	}
	for id, d := range read {
		if before, ok := s.workspaces[id]; !ok || !bytes.Equal(before.raw, d.raw) {
			s.workspaces[id] = d
			changed = true
		}
	}
	s.asked = now
	if full {
		s.full = now
	}
	return changed, nil
}

// readAgain reads by their IDs the documents that had not ended and are not among
// those that were read: they have ended meanwhile, or are gone.
func (s *Source) readAgain(ctx context.Context, read map[string]*document, now time.Time, keep func(bson.Raw)) error {
	var ids bson.A
	for _, id := range slices.Sorted(maps.Keys(s.workspaces)) {
		if d := s.workspaces[id]; read[id] == nil && d.live(now) {
			ids = append(ids, d.id)
		}
	}
	for part := range slices.Chunk(ids, 1000) {
		filter := bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: part}}}}
		if err := s.find(ctx, s.config.Workspaces, filter, s.decoder.paths("workspace."), keep); err != nil {
			return err
		}
	}
	return nil
}

// recent is the filter for documents that have not ended or that began or ended
// after an instant, in times and in texts.
func (d *decoder) recent(since, now time.Time) bson.D {
	text := func(t time.Time) string { return t.In(d.zone).Format("2006-01-02T15:04:05") }
	deleted := d.fields["workspace.deleted"]
	var either bson.A
	add := func(path string, condition any) { either = append(either, bson.D{{Key: path, Value: condition}}) }
	add(deleted, nil)
	add(deleted, bson.D{{Key: "$gt", Value: now}})
	for _, field := range []string{"workspace.created", "workspace.acquired", "workspace.deleted"} {
		add(d.fields[field], bson.D{{Key: "$gte", Value: since}})
		add(d.fields[field], bson.D{{Key: "$gte", Value: text(since)}})
	}
	return bson.D{{Key: "$or", Value: either}}
}

// readPeople reads users, groups and hosts.
func (s *Source) readPeople(ctx context.Context) (people, error) {
	var p people
	for _, c := range []struct {
		collection, fields string
		read               func(*people, bson.Raw)
	}{
		{s.config.Users, "user.", s.decoder.user},
		{s.config.Groups, "group.", s.decoder.group},
		{s.config.Hosts, "host.", s.decoder.host},
	} {
		if c.collection == "" {
			continue
		}
		var all []bson.Raw
		err := s.find(ctx, c.collection, bson.D{}, s.decoder.paths(c.fields), func(raw bson.Raw) { all = append(all, slices.Clone(raw)) })
		if err != nil {
			return people{}, err
		}
		slices.SortFunc(all, func(a, b bson.Raw) int { return bytes.Compare(a, b) }) // whatever order the server has
		for _, raw := range all {
			c.read(&p, raw)
			p.raw = append(p.raw, raw...)
		}
	}
	return p, nil
}

// records returns what is known now, in the order of IDs.
func (s *Source) records() *directory.Records {
	r := &directory.Records{People: s.people.persons, Experiments: s.people.experiments, Hosts: s.people.hosts}
	for _, id := range slices.Sorted(maps.Keys(s.workspaces)) {
		if d := s.workspaces[id]; d.usual {
			r.Workspaces = append(r.Workspaces, d.space)
		}
	}
	return r
}

// maxWarnings bounds the warnings of one directory.
const maxWarnings = 200

// warnings returns what is wrong with documents, in the order of records.
func (s *Source) warnings() []directory.Warning {
	out := slices.Clone(s.people.warnings)
	for _, id := range slices.Sorted(maps.Keys(s.workspaces)) {
		for _, text := range s.workspaces[id].problems {
			out = append(out, directory.Warning{Record: s.config.Workspaces + "/" + id, Text: text})
		}
	}
	if more := len(out) - maxWarnings; more > 0 {
		out = append(out[:maxWarnings], directory.Warning{Record: s.config.Database, Text: moreProblems(more)})
	}
	return out
}
