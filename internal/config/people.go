package config

import (
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/pseudonym"
	"github.com/dendro-carbon/dendro/internal/secret"
)

// People says how people are shown.
type People struct {
	// Pseudonyms shows them by pseudonyms everywhere.
	Pseudonyms bool
	// Names lets the facility-compatible API give names and e-mail addresses of
	// people, as directories know them.
	Names bool
	// Key is the key of pseudonyms; empty is a file in the data folder.
	Key secret.Text
}

// PersonalLabels returns the labels that are made from those that stand for people,
// and do so themselves: a map from users to teams does not.
func (c *Config) PersonalLabels() []string {
	var found []string
	personal := func(label string) bool { return account.IsPersonalLabel(label) || slices.Contains(found, label) }
	for _, rule := range c.Method().Names {
		if rule.Map == nil && slices.ContainsFunc(rule.From, personal) {
			found = append(found, rule.Label)
		}
	}
	return found
}

func (c *Config) validatePeople(l *problems) {
	l.wrong(c.People.Names && c.People.Pseudonyms, "people.names", "true with people.pseudonyms").Hint = "choose one of them"
	l.wrong(c.People.Key != "" && len(c.People.Key) < pseudonym.KeyLength, "people.pseudonym_key", "%d bytes, at least %d are needed", len(c.People.Key), pseudonym.KeyLength).
		Hint = "make one with: openssl rand -hex 32"
}

func peopleSettings() []Setting {
	return []Setting{
		{
			Path: "people.pseudonyms", Flag: "pseudonyms",
			Doc: "Show people by pseudonyms that stay the same, in every answer and export; questions about one name the pseudonym.",
			at:  func(c *Config) target { return flag(&c.People.Pseudonyms) },
		},
		{
			Path: "people.names",
			Doc: "Give names and e-mail addresses of people, as directories know them, on the paths of the facility-compatible API that have them. Nothing else does, the ledger " +
				"does not keep them, and pseudonyms go before.",
			at: func(c *Config) target { return flag(&c.People.Names) },
		},
		{
			Path: "people.pseudonym_key", Fallback: "`pseudonym.key` in the data folder, made when it is needed",
			Doc: "The key of pseudonyms, 16 bytes or more, or `{file: PATH}`. With another key everybody has another pseudonym. It is not shown.",
			at:  func(c *Config) target { return unshown[secret.Text]{&c.People.Key} },
		},
	}
}
