package manifest

import (
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Execution is what the output says of the run itself. The keys of its block
// are those of Impact Framework, so that its tools read Dendro's outputs.
type Execution struct {
	Command   string
	Version   string // of Dendro
	OS        string
	OSVersion string
	Start     time.Time
}

// formatVersion is the version of Impact Framework whose form of output is
// written.
const formatVersion = "1.1.0"

func (e Execution) environment() value.Value {
	env := value.NewMap(7)
	env.Set("if-version", value.OfText(formatVersion))
	env.Set("dendro-version", value.OfText(e.Version))
	env.Set("os", value.OfText(e.OS))
	env.Set("os-version", value.OfText(e.OSVersion))
	env.Set("node-version", value.OfText("none"))
	env.Set("date-time", value.OfText(e.Start.UTC().Format("2006-01-02T15:04:05.000Z")+" (UTC)"))
	env.Set("dependencies", value.OfList(nil))
	return value.OfMap(env)
}

// Success returns what is written of a run that succeeded: the checked head,
// the explain block and the computed tree.
func (m *Manifest) Success(result *Result, e Execution) *emit.Document {
	head := m.Head.Clone()
	m.showPlugins(head, result.executed)
	block := value.NewMap(3)
	block.Set("command", value.OfText(e.Command))
	block.Set("environment", e.environment())
	block.Set("status", value.OfText("success"))
	head.Set("execution", value.OfMap(block))
	if result.Explain != nil {
		head.Set("explain", value.OfMap(result.Explain))
	}
	return &emit.Document{Head: head, Tree: result.Tree}
}

// showPlugins shows the instances as they stand after the run that used them:
// Impact Framework writes what a run made of their config and mapping.
func (m *Manifest) showPlugins(head *value.Map, executed []string) {
	entries := head.Get("initialize").Map().Get("plugins").Map()
	for _, p := range m.Plugins {
		if p.Path != "builtin" || !slices.Contains(executed, p.Name) {
			continue
		}
		after := builtin.AfterRun(p.Spec, m.opts)
		entry := entries.Get(p.Name).Map()
		for key, now := range map[string]*value.Map{"config": after.Config, "mapping": after.Mapping} {
			if entry.Has(key) && now != nil {
				entry.Set(key, value.OfMap(now))
			}
		}
	}
}

// Failure returns what is written of a run that failed: the manifest as it was
// read, its tree last, with what went wrong.
func (m *Manifest) Failure(problems error, e Execution) *emit.Document {
	var list diag.List
	list.Add(problems)
	head := m.Raw.Clone()
	block := value.NewMap(4)
	block.Set("status", value.OfText("fail"))
	block.Set("command", value.OfText(e.Command))
	block.Set("environment", e.environment())
	block.Set("error", value.OfText(ErrorText(list, m.opts)))
	head.Set("execution", value.OfMap(block))
	if head.Has("tree") { // something else than a tree
		other := head.Get("tree")
		head.Delete("tree")
		head.Set("tree", other)
	}
	return &emit.Document{Head: head, Tree: m.Tree}
}
