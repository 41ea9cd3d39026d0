package shelf

import (
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure"
)

// Item is a disclosure of the folder.
type Item struct {
	// SHA256 names its bytes. Two documents of one id, of which one was changed, have two.
	SHA256          string                     `json:"sha256"`
	ID              string                     `json:"id"`
	File            string                     `json:"file"`
	MadeAt          time.Time                  `json:"made_at"`
	Intent          disclosure.Intent          `json:"intent"`
	Confidentiality disclosure.Confidentiality `json:"confidentiality"`
	// Organisation is who discloses, "" if the document does not say.
	Organisation string            `json:"organisation"`
	Period       disclosure.Dates  `json:"period"`
	By           []string          `json:"by"`
	Source       string            `json:"source"`
	Rows         int               `json:"rows"`
	Totals       disclosure.Totals `json:"totals"`
	Coverage     float64           `json:"coverage_time"`
	// Holds is whether no check of form, id, sums, rules, statement and signature fails;
	// Failed names those that do.
	Holds     bool      `json:"holds"`
	Failed    []string  `json:"failed"`
	Signature Signature `json:"signature"`
	// Statement is whether one lies beside the document.
	Statement bool `json:"statement"`
	// Previous and Restates are the documents that it follows and replaces, Next and
	// RestatedBy those of the folder that follow and replace it.
	Previous   *Related `json:"previous"`
	Restates   *Related `json:"restates"`
	Next       *Related `json:"next"`
	RestatedBy *Related `json:"restated_by"`
}

// Signature says who signed a statement.
type Signature struct {
	// State is ok for the signature of a key that the server knows; failed; or not given,
	// which is also said of a signature whose key nobody can know.
	State disclosure.State `json:"state"`
	// Keys are the ids that the envelope names, and Name the file of the known one.
	Keys []string `json:"keys"`
	Name string   `json:"name,omitempty"`
}

// Related is another document; File is "" if that is not in the folder.
type Related struct {
	disclosure.Link
	File string `json:"file,omitempty"`
}

// Broken is a file that is no disclosure.
type Broken struct {
	File  string `json:"file"`
	Error string `json:"error"`
}

// List is what a folder holds.
type List struct {
	// Items are in order of period and time stamp, the newest first.
	Items []Item `json:"disclosures"`
	// Broken are in order of names.
	Broken []Broken `json:"broken"`
	// LeftOff is how many documents were not looked at: there are too many.
	LeftOff int `json:"left_off"`
}

// entry is what is remembered of a document.
type entry struct {
	state  trio
	item   *Item // nil if it is broken
	broken string
	span   account.Span
	inputs []string // hashes of the files that it was made from
}

// newItem returns what is listed of a document.
func newItem(file string, v *disclosure.Verification) *Item {
	d := v.Document
	i := &Item{
		SHA256: v.Hash, ID: d.ID, File: file, MadeAt: d.MadeAt, Intent: d.Intent, Confidentiality: d.Confidentiality,
		Period: d.Period, By: d.Scope.By, Source: d.Scope.Source, Rows: len(d.Rows), Totals: d.Totals, Coverage: d.Coverage.Time.Float(),
		Holds: v.Holds(), Failed: []string{},
	}
	if d.Organisation != nil {
		i.Organisation = d.Organisation.Name
	}
	if d.Previous != nil {
		i.Previous = &Related{Link: *d.Previous}
	}
	if d.Restates != nil {
		i.Restates = &Related{Link: d.Restates.Link}
	}
	for _, c := range v.Checks {
		if c.State == disclosure.Failed {
			i.Failed = append(i.Failed, c.Name)
		}
	}
	return i
}

// related returns the link to an item.
func (i *Item) related() *Related {
	return &Related{disclosure.Link{ID: i.ID, SHA256: i.SHA256}, i.File}
}

// relate links the documents of a folder. A link names bytes: another document of the same
// id is not meant.
func relate(items []Item) {
	at := map[string]*Item{}
	for k := range items {
		at[items[k].SHA256] = &items[k]
	}
	for k := range items {
		i := &items[k]
		if i.Previous != nil {
			if p := at[i.Previous.SHA256]; p != nil {
				i.Previous.File = p.File
				p.Next = newer(p.Next, i, at)
			}
		}
		if i.Restates != nil {
			if p := at[i.Restates.SHA256]; p != nil {
				i.Restates.File = p.File
				p.RestatedBy = newer(p.RestatedBy, i, at)
			}
		}
	}
}

// newer returns the link to the one that was made later.
func newer(known *Related, i *Item, at map[string]*Item) *Related {
	if known != nil && !i.MadeAt.After(at[known.SHA256].MadeAt) {
		return known
	}
	return i.related()
}
