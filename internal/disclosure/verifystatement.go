package disclosure

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/canon"
	"github.com/dendro-carbon/dendro/unit"
)

// The types of a statement (in-toto, version 1) and of what ours states.
const (
	StatementType = "https://in-toto.io/Statement/v1"
	PredicateType = "https://github.com/dendro-carbon/dendro/disclosure/v1"
)

// statement says of which file which hash is, and what the file is about.
type statement struct {
	Type          string    `json:"_type"`
	Subject       []subject `json:"subject"`
	PredicateType string    `json:"predicateType"`
	Predicate     predicate `json:"predicate"`
}

type subject struct {
	Name   string `json:"name"`
	Digest digest `json:"digest"`
}

type digest struct {
	SHA256 string `json:"sha256"`
}

type predicate struct {
	ID              string          `json:"id"`
	Schema          string          `json:"schema"`
	MadeAt          time.Time       `json:"made_at"`
	Intent          Intent          `json:"intent"`
	Confidentiality Confidentiality `json:"confidentiality"`
	Organisation    *Organisation   `json:"organisation"`
	Period          Dates           `json:"period"`
	Energy          unit.Energy     `json:"energy_kwh"`
	LocationBased   unit.Mass       `json:"location_based_gco2e"`
	Previous        *Link           `json:"previous"`
	Restates        *Link           `json:"restates"`
}

// Statement returns the in-toto statement about the file of a document: its hash, and what
// it is about. There is one legal text of it for a file and its name.
func Statement(name string, text []byte) ([]byte, error) {
	d, err := Parse(text)
	if err != nil {
		return nil, err
	}
	return d.stated(name, text)
}

// stated returns the statement about the file of the document, whose text that is.
func (d *Document) stated(name string, text []byte) ([]byte, error) {
	s := statement{
		Type: StatementType, PredicateType: PredicateType, Subject: []subject{{name, digest{Hash(text)}}},
		Predicate: predicate{
			ID: d.ID, Schema: d.Schema, MadeAt: d.MadeAt, Intent: d.Intent, Confidentiality: d.Confidentiality,
			Organisation: d.Organisation, Period: d.Period, Energy: d.Totals.Energy, LocationBased: d.Totals.LocationBased,
			Previous: d.Previous,
		},
	}
	if d.Restates != nil {
		s.Predicate.Restates = &d.Restates.Link
	}
	out, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("statement: %w", err)
	}
	c := canon.Canonicalizer{Exact: true}
	if out, err = c.Append(nil, out); err != nil {
		return nil, fmt.Errorf("statement: %w", err)
	}
	return append(out, '\n'), nil
}
