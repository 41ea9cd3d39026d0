package derive

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/account"
)

// Contention tells that more than one party had a claim on the same time, so that
// the policy had to decide. It names records and never people.
type Contention struct {
	// Host is the key of the host.
	Host string
	// Workspace is who held it where experiments contend, empty where
	// workspaces do.
	Workspace string
	// Names are the workspaces or experiments that contend, in order.
	Names []string
	// Policy is how it was divided.
	Policy string

	accounts []int32
}

// String tells it in a sentence.
func (c Contention) String() string {
	if c.Workspace != "" {
		return fmt.Sprintf("workspace %q may have been for each of the experiments %s: policy experiments %s",
			c.Workspace, strings.Join(c.Names, ", "), c.Policy)
	}
	return fmt.Sprintf("host %q is held by %s at the same time: policy divide %s", c.Host, strings.Join(c.Names, ", "), c.Policy)
}

// Contentions returns those of the slot that was derived last, in the order of
// hosts. The caller must not change them.
func (d *Deriver) Contentions() []Contention { return d.contentions }

// nameOf names a holding.
func (h *holding) nameOf() string {
	if name := h.Holder.Get(account.LabelWorkspace); name != "" {
		return name
	}
	return h.ID
}

// contestHost notes that two holdings hold a host at once.
func (d *Deriver) contestHost(first, second *holding) {
	c := d.contention(first.Host, "", string(d.method.Policy.Divide))
	for _, h := range []*holding{first, second} {
		c.add(h.nameOf(), h.claims)
	}
}

// contestExperiments notes the parties of a holding that may have held the host for
// several experiments.
func (d *Deriver) contestExperiments(h *holding) {
	for i := range h.claims {
		if len(h.claims[i].disputed) == 0 {
			continue
		}
		c := d.contention(h.Host, h.nameOf(), string(d.method.Policy.Experiments))
		for _, name := range h.claims[i].disputed {
			c.add(name, h.claims[i:i+1])
		}
	}
}

// contention returns the note of a host and workspace, a new one when there is none.
// Those of one host are neighbours.
func (d *Deriver) contention(host, workspace, policy string) *Contention {
	for i := len(d.contentions) - 1; i >= 0 && d.contentions[i].Host == host; i-- {
		if d.contentions[i].Workspace == workspace {
			return &d.contentions[i]
		}
	}
	d.contentions = append(d.contentions, Contention{Host: host, Workspace: workspace, Policy: policy})
	return &d.contentions[len(d.contentions)-1]
}

// add adds a name and the accounts of its claims, each once.
func (c *Contention) add(name string, claims []claim) {
	if i, found := slices.BinarySearch(c.Names, name); !found {
		c.Names = slices.Insert(c.Names, i, name)
	}
	for _, one := range claims {
		for _, id := range append([]int32{one.account}, accountsOf(one.among)...) {
			if !slices.Contains(c.accounts, id) {
				c.accounts = append(c.accounts, id)
			}
		}
	}
}

func accountsOf(claims []claim) []int32 {
	ids := make([]int32, len(claims))
	for i, c := range claims {
		ids[i] = c.account
	}
	return ids
}

// explainContentions tells the contentions of which an account got a part.
func (d *Deriver) explainContentions(host string, account int32) []ExplainStep {
	var steps []ExplainStep
	for _, c := range d.contentions {
		if c.Host == host && slices.Contains(c.accounts, account) {
			steps = append(steps, ExplainStep{"claims", c.String(), fmt.Sprintf("%d claims", len(c.Names))})
		}
	}
	return steps
}
