package config

// Facility is what the facility-compatible API needs beyond what is set elsewhere.
type Facility struct {
	// IdentityHeader is the header of a request that names its user; empty for none.
	IdentityHeader string
	// Tags are those that /config of that API lists.
	Tags []string
}

func defaultFacility() Facility {
	return Facility{Tags: []string{"ISIS", "CLF", "TRAINING", "DEV", "AI4Science"}}
}

func facilitySettings() Section {
	return Section{"Facility-compatible API", "docs/FACILITY-API.md says what it answers.", []Setting{
		{
			Path: "facility.identity_header", Fallback: "none; `X-Remote-User` with `source.kind: demo`",
			Doc: "The header of a request in which a proxy names the user of `/users/me`, such as `X-Remote-User`. Set it only where a proxy " +
				"that checks who asks sets or removes that header; without it, `/users/me` is refused.",
			at: func(c *Config) target { return words(&c.Facility.IdentityHeader, "the name of a header") },
		},
		{
			Path: "facility.tags", Doc: "The tags of workspaces that `/config` lists.",
			at: func(c *Config) target { return texts(&c.Facility.Tags, "a list of tags") },
		},
	}}
}
