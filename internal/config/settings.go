package config

import (
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/fetch"
	"github.com/dendro-carbon/dendro/internal/intensity/electricitymaps"
	"github.com/dendro-carbon/dendro/internal/intensity/file"
	"github.com/dendro-carbon/dendro/internal/intensity/ukgrid"
	"github.com/dendro-carbon/dendro/internal/ledger/postgres"
	"github.com/dendro-carbon/dendro/internal/prom"
	"github.com/dendro-carbon/dendro/internal/source/demo"
	"github.com/dendro-carbon/dendro/internal/source/host"
	"github.com/dendro-carbon/dendro/internal/source/prometheus"
)

// Setting is a row of the table of settings.
type Setting struct {
	// Path is the keys of the file that lead to it, with dots.
	Path string
	// Doc says what it does, in Markdown.
	Doc string
	// Flag is the flag that sets it too, "" for none.
	Flag string
	// Fallback says what the default is where that depends on something.
	Fallback string

	at func(*Config) target
}

// Env returns the variable of the environment that sets it.
func (s Setting) Env() string {
	return "DENDRO_" + strings.ToUpper(strings.ReplaceAll(s.Path, ".", "_"))
}

// Section is settings that belong together.
type Section struct {
	Title, Doc string
	Settings   []Setting
}

// Settings returns the table: all that can be set.
func Settings() []Section {
	return []Section{
		generalSettings(), sourceSettings(), prometheusSettings(), hostSettings(), demoSettings(), energySettings(), embodiedSettings(), intensitySettings(),
		ukgridSettings(), electricityMapsSettings(), fileSettings(), groupSettings(), directorySettings(), facilitySettings(), policySettings(), slotSettings(), receiveSettings(), meterSettings(), servicesSettings(), serviceFactorSettings(), disclosureSettings(),
	}
}

func generalSettings() Section {
	return Section{"General", "", []Setting{
		{
			Path: "data", Flag: "data", Fallback: "`$STATE_DIRECTORY`, else `$XDG_DATA_HOME/dendro`, else `~/.local/share/dendro`",
			Doc: "The folder of the ledger. One server writes to it at a time.",
			at:  func(c *Config) target { return location{&c.Data, "a folder"} },
		},
		{
			Path: "ledger.kind", Fallback: "`sqlite`; `postgres` with `ledger.url`; `memory` with `source.kind: demo`",
			Doc: "Where figures are kept: `sqlite`, a file in the data folder; `postgres`, the database of `ledger.url`; or `memory`, " +
				"which forgets them at the end.",
			at: func(c *Config) target { return choice(&c.Ledger, LedgerSQLite, LedgerPostgres, LedgerMemory) },
		},
		{
			Path: "ledger.url",
			Doc: "The PostgreSQL database of the ledger: `postgres://USER:PASSWORD@HOST:5432/DATABASE`. Several servers can share one. " +
				"It is not shown.",
			at: func(c *Config) target { return unshown[postgres.Secret]{&c.Postgres.URL} },
		},
		{
			Path: "ledger.connections", Doc: "The most connections to PostgreSQL for reading; two more are for writing.",
			at: func(c *Config) target { return number(&c.Postgres.Connections) },
		},
		{
			Path: "retention.facts", Fallback: "for ever",
			Doc: "How long facts are kept, such as `400d`. Entries, sums and totals stay; figures as known earlier, under another policy, " +
				"and explanations of older slots are gone. What a disclosure refers to is kept.",
			at: func(c *Config) target { return span(&c.Slots.KeepFacts) },
		},
		{
			Path: "time_zone",
			Doc:  "The time zone, by its IANA name, of days, months and quarters. Changing it rebuilds the sums at the next start.",
			at:   func(c *Config) target { return words(&c.TimeZone, "an IANA time zone") },
		},
		{
			Path: "slot", Fallback: "`30m`; `1m` with `source.kind: host`",
			Doc: "The length of a slot, the shortest time for which there are figures. It divides an hour and the zone's offsets " +
				"from UTC, and cannot change once a ledger exists.",
			at: func(c *Config) target { return span(&c.Slot) },
		},
		{
			Path: "listen", Flag: "listen",
			Doc: "The address of the API and the dashboard. Port 0 takes a free one. On any other address than one of this machine " +
				"(loopback), `auth.tokens_file` is required.",
			at: func(c *Config) target { return words(&c.Listen, "a host and a port") },
		},
		{
			Path: "levels", Fallback: "`[facility, group]`; `[user, unit]` with `source.kind: host`",
			Doc: "The labels by which `/metrics` and the overview divide figures, from the top.",
			at:  func(c *Config) target { return texts(&c.Levels, "a list of labels") },
		},
		{
			Path: "auth.tokens_file",
			Doc:  "A file of bearer tokens. Whoever asks over HTTP needs one of them.",
			at:   func(c *Config) target { return location{&c.Auth.TokensFile, "a file"} },
		},
		{
			Path: "log.level", Doc: "What is logged: this and worse.",
			at: func(c *Config) target { return choice(&c.Log.Level, "debug", "info", "warn", "error") },
		},
		{
			Path: "log.format", Doc: "How it is logged: `text` as key=value, or `json`.",
			at: func(c *Config) target { return choice(&c.Log.Format, "text", "json") },
		},
	}}
}

func sourceSettings() Section {
	return Section{"Source", "Where it is observed what hosts do.", []Setting{
		{
			Path: "source.kind",
			Doc: "`prometheus`: a server with the HTTP API of Prometheus (also Thanos, Mimir, VictoriaMetrics). `host`: the machine " +
				"that Dendro runs on. `demo`: a simulated facility; every surface says so. `none`: no hosts, for a server that accounts for services alone.",
			at: func(c *Config) target {
				return choice(&c.Source.Kind, SourcePrometheus, SourceHost, SourceDemo, SourceNone)
			},
		},
	}}
}

//archtest:long a table
func prometheusSettings() Section {
	p := func(c *Config) *prometheus.Config { return &c.Source.Prometheus.Config }
	return Section{"Source: Prometheus", "With `source.kind: prometheus`.", []Setting{
		{
			Path: "source.prometheus.name", Doc: "How the source is called in explanations.",
			at: func(c *Config) target { return words(&p(c).Name, "a name") },
		},
		{
			Path: "source.prometheus.url", Doc: "The address below which `/api/v1` lies, base path included.",
			at: func(c *Config) target { return address(&p(c).Server.URL) },
		},
		{
			Path: "source.prometheus.user", Doc: "The name for basic authentication.",
			at: func(c *Config) target { return words(&p(c).Server.User, "a text") },
		},
		{
			Path: "source.prometheus.password", Doc: "The password for basic authentication.",
			at: func(c *Config) target { return unshown[prom.Secret]{&p(c).Server.Password} },
		},
		{
			Path: "source.prometheus.bearer_token", Doc: "A bearer token, instead of user and password.",
			at: func(c *Config) target { return unshown[prom.Secret]{&p(c).Server.BearerToken} },
		},
		{
			Path: "source.prometheus.headers", Doc: "Headers that are sent along, such as `X-Scope-OrgID`. Their values are not shown.",
			at: func(c *Config) target {
				return dictionary[prom.Secret]{&p(c).Server.Header, "a map from names to values", func(s *prom.Secret) target { return unshown[prom.Secret]{s} }}
			},
		},
		{
			Path: "source.prometheus.compress", Doc: "Ask for replies in gzip, for slow networks.",
			at: func(c *Config) target { return flag(&p(c).Server.Compress) },
		},
		{
			Path: "source.prometheus.stall", Doc: "The longest wait for the next byte of a reply.",
			at: func(c *Config) target { return span(&p(c).Server.Stall) },
		},
		{
			Path: "source.prometheus.retry_for", Doc: "How long a request that fails is tried again before the slot is left open for now.",
			at: func(c *Config) target { return span(&p(c).Server.RetryFor) },
		},
		{
			Path: "source.prometheus.metric", Doc: "The counter of processor time in seconds.",
			at: func(c *Config) target { return words(&p(c).Metric, "a metric") },
		},
		{
			Path: "source.prometheus.matchers", Doc: "Which series of it count, as in PromQL: `['job=\"node\"', 'cloud_project_name=~\".+AaaS\"']`.",
			at: func(c *Config) target { return matchers(&p(c).Matchers) },
		},
		{
			Path: "source.prometheus.host_label", Doc: "The label that names the host, `instance` or `host`.",
			at: func(c *Config) target { return words(&p(c).HostLabel, "a label") },
		},
		{
			Path: "source.prometheus.cpu_label", Doc: "The label that numbers the processor.",
			at: func(c *Config) target { return words(&p(c).CPULabel, "a label") },
		},
		{
			Path: "source.prometheus.mode_label", Doc: "The label that says what the time was spent on.",
			at: func(c *Config) target { return words(&p(c).ModeLabel, "a label") },
		},
		{
			Path: "source.prometheus.ignored_labels",
			Doc:  "Labels that do not belong to a host, such as that of a Prometheus replica. All others can be levels of a view.",
			at:   func(c *Config) target { return texts(&p(c).IgnoredLabels, "a list of labels") },
		},
		{
			Path: "source.prometheus.idle_modes", Doc: "The modes that are idle time; METHODOLOGY.md tells why waiting for a disk is.",
			at: func(c *Config) target { return texts(&p(c).Modes.Idle, "a list of modes") },
		},
		{
			Path: "source.prometheus.ignored_modes", Doc: "Modes that are not counted at all. All the rest are busy.",
			at: func(c *Config) target { return texts(&p(c).Modes.Ignored, "a list of modes") },
		},
		{
			Path: "source.prometheus.boot_metric", Doc: "The gauge of when a host was booted, in seconds since 1970; `\"\"` when there is none.",
			at: func(c *Config) target { return words(&p(c).BootMetric, "a metric") },
		},
		{
			Path: "source.prometheus.host_key",
			Doc: "How names of hosts become keys, in order: `strip-port`, `lower`, `short-name`, `dashed-ip:PREFIX{ip}SUFFIX`. " +
				"Hosts of source and directory meet by key.",
			at: func(c *Config) target { return texts(&c.Source.Prometheus.HostKeys, "a list of normalisers") },
		},
		{
			Path: "source.prometheus.meters",
			Doc:  "Energy meters that hosts may have, the one to be trusted most first. A meter is the whole, and the model only divides it.",
			at:   func(c *Config) target { return meters(&p(c).Meters) },
		},
		{
			Path: "source.prometheus.bridge_after", Doc: "What is spread over a longer time between two samples is marked estimated.",
			at: func(c *Config) target { return span(&p(c).Rule.BridgeAfter) },
		},
		{
			Path: "source.prometheus.max_bridge", Doc: "Over a longer time between two samples nothing is known.",
			at: func(c *Config) target { return span(&p(c).Rule.MaxBridge) },
		},
		{
			Path: "source.prometheus.ends_after", Doc: "After a longer silence a host has ended; after a shorter one it was missed, which lowers the coverage.",
			at: func(c *Config) target { return span(&p(c).Rule.EndsAfter) },
		},
		{
			Path: "source.prometheus.mode",
			Doc: "`exact`: raw samples, and increments by Dendro's rule. `fast`: the server evaluates `increase()`, which extrapolates; " +
				"figures are marked estimated.",
			at: func(c *Config) target { return choice(&p(c).Mode, prometheus.Exact, prometheus.Fast) },
		},
		{
			Path: "source.prometheus.transport", Doc: "How raw samples are read: `auto` is remote read where the server offers it, else range selectors.",
			at: func(c *Config) target {
				return choice(&p(c).Transport, prometheus.Auto, prometheus.RemoteRead, prometheus.RangeSelector)
			},
		},
		{
			Path: "source.prometheus.around", Doc: "How far around slots samples are read at first; longer than the scrape interval.",
			at: func(c *Config) target { return span(&p(c).Around) },
		},
		{
			Path: "source.prometheus.span_per_read", Doc: "How much time is read at once in a backfill.",
			at: func(c *Config) target { return span(&p(c).SpanPerRead) },
		},
		{
			Path: "source.prometheus.samples_per_reply", Doc: "How many samples a reply to a range selector may hold.",
			at: func(c *Config) target { return number(&p(c).SamplesPerReply) },
		},
		{
			Path: "source.prometheus.parallel", Doc: "How many requests run at once.",
			at: func(c *Config) target { return number(&p(c).Parallel) },
		},
		{
			Path: "source.prometheus.deadline", Doc: "The longest time for one read, attempts included.",
			at: func(c *Config) target { return span(&p(c).Deadline) },
		},
	}}
}

func hostSettings() Section {
	h := func(c *Config) *host.Config { return &c.Source.Host }
	return Section{"Source: this machine", "With `source.kind: host`. Figures have the labels `host`, `user`, `unit` and `container`.", []Setting{
		{
			Path: "source.host.name", Doc: "How the source is called in explanations.",
			at: func(c *Config) target { return words(&h(c).Name, "a name") },
		},
		{
			Path: "source.host.host", Fallback: "the kernel's name of it", Doc: "The name of the machine.",
			at: func(c *Config) target { return words(&h(c).Host, "a name") },
		},
		{
			Path: "source.host.root", Doc: "The folder under which `proc`, `sys` and `etc/passwd` lie, if a container sees those of the machine elsewhere.",
			at: func(c *Config) target { return location{&h(c).Root, "a folder"} },
		},
		{
			Path: "source.host.interval", Doc: "The time between two samples.",
			at: func(c *Config) target { return span(&h(c).Interval) },
		},
		{
			Path: "source.host.keep", Doc: "How long samples are kept: so long may a slot stay open.",
			at: func(c *Config) target { return span(&h(c).Keep) },
		},
		{
			Path: "source.host.max_parts", Doc: "How many users and units are told apart; what comes beyond is unattributed.",
			at: func(c *Config) target { return number(&h(c).MaxParts) },
		},
		{
			Path: "source.host.idle_modes", Doc: "The modes that are idle time.",
			at: func(c *Config) target { return texts(&h(c).Modes.Idle, "a list of modes") },
		},
		{
			Path: "source.host.ignored_modes", Doc: "Modes that are not counted at all.",
			at: func(c *Config) target { return texts(&h(c).Modes.Ignored, "a list of modes") },
		},
	}}
}

func demoSettings() Section {
	d := func(c *Config) *demo.Config { return &c.Source.Demo }
	return Section{"Source: simulation", "With `source.kind: demo`, or `dendro serve --demo`.", []Setting{
		{
			Path: "source.demo.seed", Doc: "Which facility is simulated.",
			at: func(c *Config) target { return weight(&d(c).Seed) },
		},
		{
			Path: "source.demo.days", Doc: "How many days it goes back.",
			at: func(c *Config) target { return number(&d(c).Days) },
		},
	}}
}

func energySettings() Section {
	return Section{"Energy", "How processor time becomes energy where no meter counts it.", []Setting{
		{
			Path: "energy.model", Doc: "The power model of all hosts without an override.",
			at: func(c *Config) target { return model{&c.Energy.Model} },
		},
		{
			Path: "energy.pue", Doc: "Power usage effectiveness: multiplies all energy, modelled or metered.",
			at: func(c *Config) target { return ratio(&c.Energy.PUE) },
		},
		{
			Path: "energy.overrides", Doc: "Models of some hosts, by project, machine or any other label. The first that matches holds.",
			at: func(c *Config) target { return overrides(&c.Energy.Overrides) },
		},
	}}
}

func intensitySettings() Section {
	return Section{"Carbon intensity", "How energy becomes carbon. Sources of one chain must count the same (combustion or life cycle, " +
		"location- or market-based): others are refused, because their figures must not be added up.", []Setting{
		{
			Path: "intensity.chain", Fallback: "`[static]`; `[demo]` with `source.kind: demo`",
			Doc: "Sources, best first: `static`, `ukgrid`, `electricity-maps`, `file`. Where one does not know a slot, the next one answers, and the figure is marked estimated.",
			at:  func(c *Config) target { return texts(&c.Intensity.Chain, "a list of sources") },
		},
		{
			Path: "intensity.region", Fallback: "`WORLD`; `simulated grid` with `source.kind: demo`",
			Doc: "Where hosts are for which no place is given. Without knowing it, the world's average is taken, and marked estimated.",
			at:  func(c *Config) target { return words(&c.Intensity.Region, "a region") },
		},
		{
			Path: "intensity.places", Doc: "Where some hosts are. The first that matches holds.",
			at: func(c *Config) target { return places(&c.Intensity.Places) },
		},
		{
			Path: "intensity.revise_for", Doc: "How long values are asked for again, because they may be corrected.",
			at: func(c *Config) target { return span(&c.Slots.ReviseFor) },
		},
		{
			Path: "intensity.every", Doc: "How often they are asked for.",
			at: func(c *Config) target { return span(&c.Slots.IntensityEvery) },
		},
	}}
}

func ukgridSettings() Section {
	u := func(c *Config) *ukgrid.Config { return &c.Intensity.UKGrid }
	return Section{"Carbon intensity: Great Britain", "`ukgrid` in `intensity.chain`: the Carbon Intensity API, without a key. Regions are `GB`, the " +
		"nation, and `GB-1` to `GB-17` or their names. It counts combustion, location-based.", []Setting{
		{
			Path: "intensity.ukgrid.url", Doc: "The base of the API.",
			at: func(c *Config) target { return address(&u(c).URL) },
		},
		{
			Path: "intensity.ukgrid.timeout", Doc: "The longest time for one attempt.",
			at: func(c *Config) target { return span(&u(c).Timeout) },
		},
		{
			Path: "intensity.ukgrid.retry_for", Doc: "How long a request that fails is tried again.",
			at: func(c *Config) target { return span(&u(c).RetryFor) },
		},
		{
			Path: "intensity.ukgrid.deadline", Doc: "The longest time for all requests of one look.",
			at: func(c *Config) target { return span(&u(c).Deadline) },
		},
	}}
}

func electricityMapsSettings() Section {
	e := func(c *Config) *electricitymaps.Config { return &c.Intensity.ElectricityMaps }
	return Section{"Carbon intensity: Electricity Maps", "`electricity-maps` in `intensity.chain`: its API, with a token. Regions are those of `zones`, and " +
		"zones such as `DE` or `US-CAL-CISO`. It counts what is consumed, location-based.", []Setting{
		{
			Path: "intensity.electricity_maps.url", Doc: "The base of the API with its version, 3 or 4.",
			at: func(c *Config) target { return address(&e(c).URL) },
		},
		{
			Path: "intensity.electricity_maps.token", Doc: "The key of the plan.",
			at: func(c *Config) target { return unshown[fetch.Secret]{&e(c).Token} },
		},
		{
			Path: "intensity.electricity_maps.zones", Doc: "The zones of regions that are not called so, such as those of clouds: `{eu-west-3: FR}`. Case does not matter in regions.",
			at: func(c *Config) target { return names(&e(c).Zones, "a map from regions to zones") },
		},
		{
			Path: "intensity.electricity_maps.factors", Doc: "What values count: `lifecycle` (with building and fuel supply) or `direct` (power stations running). They are never mixed.",
			at: func(c *Config) target {
				return choice(&e(c).Factors, electricitymaps.Lifecycle, electricitymaps.Direct)
			},
		},
		{
			Path: "intensity.electricity_maps.granularity", Doc: "How long a value holds.",
			at: func(c *Config) target {
				return choice(&e(c).Granularity, electricitymaps.Hourly, electricitymaps.QuarterHr, electricitymaps.FiveMin)
			},
		},
		{
			Path: "intensity.electricity_maps.forecast", Doc: "Whether the plan includes forecasts.",
			at: func(c *Config) target { return flag(&e(c).Forecast) },
		},
		{
			Path: "intensity.electricity_maps.history", Doc: "Whether the last day is asked for as history, which more plans include; else, and before it, as a range.",
			at: func(c *Config) target { return flag(&e(c).History) },
		},
		{
			Path: "intensity.electricity_maps.timeout", Doc: "The longest time for one attempt.",
			at: func(c *Config) target { return span(&e(c).Timeout) },
		},
		{
			Path: "intensity.electricity_maps.retry_for", Doc: "How long a request that fails, or came too soon, is tried again.",
			at: func(c *Config) target { return span(&e(c).RetryFor) },
		},
	}}
}

func fileSettings() Section {
	f := func(c *Config) *file.Config { return &c.Intensity.File }
	return Section{"Carbon intensity: file", "`file` in `intensity.chain`: a CSV file with the columns `from`, `to` or `duration`, " +
		"`gco2e_per_kwh`, and perhaps `region`, `kind`, `version`. It is read again when it changes.", []Setting{
		{
			Path: "intensity.file.path", Doc: "The file.",
			at: func(c *Config) target { return location{&f(c).Path, "a file"} },
		},
		{
			Path: "intensity.file.scope", Doc: "What its values count: `combustion` (power stations running) or `lifecycle` (with building and fuel supply).",
			at: func(c *Config) target { return choice(&f(c).Accounting.Scope, "combustion", "lifecycle") },
		},
		{
			Path: "intensity.file.approach", Doc: "How: `location` (the grid's mix) or `market` (contracts).",
			at: func(c *Config) target { return choice(&f(c).Accounting.Approach, "location", "market") },
		},
		{
			Path: "intensity.file.region", Doc: "The region of rows in a file without the column `region`.",
			at: func(c *Config) target { return words(&f(c).Region, "a region") },
		},
		{
			Path: "intensity.file.step", Doc: "How long a row holds that has neither `to` nor `duration`.",
			at: func(c *Config) target { return span(&f(c).Step) },
		},
		{
			Path: "intensity.file.licence", Doc: "The licence of the values, if it is to be shown.",
			at: func(c *Config) target { return words(&f(c).Licence, "a text") },
		},
		{
			Path: "intensity.file.credit", Doc: "Who is to be named for them.",
			at: func(c *Config) target { return words(&f(c).Credit, "a text") },
		},
	}}
}

func groupSettings() Section {
	return Section{"Groups and facilities", "Labels that are made from those of the source. Any label can be a level of a view.", []Setting{
		{
			Path: "groups.labels", Doc: "The labels whose values make the name of a group: project and machine.",
			at: func(c *Config) target { return texts(&c.Groups.Labels, "a list of labels") },
		},
		{
			Path: "groups.separator", Doc: "What stands between them. Names are never taken apart again.",
			at: func(c *Config) target { return words(&c.Groups.Separator, "a text") },
		},
		{
			Path: "groups.project_label", Doc: "The label that `facilities` looks up.",
			at: func(c *Config) target { return words(&c.Groups.ProjectLabel, "a label") },
		},
		{
			Path: "facilities", Doc: "The facility of each project. A project that is not listed is in an unknown one.",
			at: func(c *Config) target {
				return names(&c.Groups.Facilities, "a map from projects to facilities")
			},
		},
		{
			Path: "names", Doc: "Further labels. They see `group`, `facility` and those before them.",
			at: func(c *Config) target { return labelRules(&c.Groups.Names) },
		},
	}}
}

func policySettings() Section {
	return Section{"Policy", "How what a host used is divided. Facts are kept, so another policy restates the past.", []Setting{
		{
			Path: "policy.name", Doc: "How the policy is called in explanations.",
			at: func(c *Config) target { return words(&c.Policy.Name, "a name") },
		},
		{
			Path: "policy.divide", Doc: "Among those who hold a host at the same time: by `usage`, `even`, by `reservation`, or `weighted`.",
			at: func(c *Config) target {
				return choice(&c.Policy.Divide, derive.DivideUsage, derive.DivideEven, derive.DivideReservation, derive.DivideWeighted)
			},
		},
		{
			Path: "policy.idle", Doc: "Idle energy goes to the `holder`, is kept `apart`, or is shared `pro-rata` by busy energy.",
			at: func(c *Config) target {
				return choice(&c.Policy.Idle, derive.IdleHolder, derive.IdleApart, derive.IdleProRata)
			},
		},
		{
			Path: "policy.sharing", Doc: "What a shared holding used goes to its `owner`, or to all who have access, `even`.",
			at: func(c *Config) target { return choice(&c.Policy.Sharing, derive.SharingOwner, derive.SharingEven) },
		},
		{
			Path: "policy.experiments", Doc: "What a user used who may have worked for several experiments goes to each of them, `even` or `weighted`, or to none, " +
				"`unattributed`; it stays the user's in any case.",
			at: func(c *Config) target {
				return choice(&c.Policy.Experiments, derive.MatchEven, derive.MatchWeighted, derive.MatchUnattributed)
			},
		},
		{
			Path: "policy.pool", Doc: "With `idle: pro-rata`, idle energy is shared among accounts with the same values of these labels; without any, within each host.",
			at: func(c *Config) target { return texts(&c.Policy.Pool, "a list of labels") },
		},
		{
			Path: "policy.weights", Doc: "With `divide: weighted`, the weights of holders, and with `experiments: weighted` those of experiments. The first that matches holds.",
			at: func(c *Config) target { return weights(&c.Policy.Weights) },
		},
		{
			Path: "policies", Fallback: "none; one, `idle-shared`, with `source.kind: demo`",
			Doc: "Other policies, which divide the same facts when they are asked for: `dendro query --policy NAME --compare NAME`.",
			at:  func(c *Config) target { return policies(&c.Policies) },
		},
	}}
}

func slotSettings() Section {
	return Section{"Closing slots", "When slots are closed, and read again.", []Setting{
		{
			Path: "grace", Fallback: "`2m`; `15s` with `source.kind: host`", Doc: "How long after its end a slot is closed: samples arrive late.",
			at: func(c *Config) target { return span(&c.Slots.Grace) },
		},
		{
			Path: "slots.recheck", Doc: "The ages at which a closed slot is read again, ascending. What has changed is restated, with reason `late`.",
			at: func(c *Config) target {
				return list[time.Duration]{&c.Slots.Recheck, "a list of durations", func(d *time.Duration) target { return span(d) }}
			},
		},
		{
			Path: "slots.catch_up", Doc: "How far back slots are closed that were missed while the server was down; older ones are for `dendro backfill`.",
			at: func(c *Config) target { return span(&c.Slots.CatchUp) },
		},
		{
			Path: "slots.open_every", Fallback: "`1m`; `5s` with `source.kind: host`", Doc: "How often the open slot is looked at.",
			at: func(c *Config) target { return span(&c.Slots.OpenEvery) },
		},
		{
			Path: "slots.directory_every", Doc: "How often directories are asked for changes.",
			at: func(c *Config) target { return span(&c.Slots.DirectoryEvery) },
		},
		{
			Path: "slots.retry_after", Doc: "How long after a failure the same is tried again; it doubles with each one.",
			at: func(c *Config) target { return span(&c.Slots.RetryAfter) },
		},
		{
			Path: "slots.retry_max", Doc: "The longest such wait.",
			at: func(c *Config) target { return span(&c.Slots.RetryMax) },
		},
		{
			Path: "slots.parallel", Doc: "How many reads go on at once in a backfill.",
			at: func(c *Config) target { return number(&c.Slots.Parallel) },
		},
		{
			Path: "slots.read_slots", Doc: "How many slots one such read is of.",
			at: func(c *Config) target { return number(&c.Slots.ReadSlots) },
		},
	}}
}

// matchers is a target for PromQL matchers.
func matchers(to *[]prom.Matcher) target {
	return list[prom.Matcher]{to, "a list of matchers", func(m *prom.Matcher) target {
		return value[prom.Matcher]{m, "a matcher", prom.ParseMatcher, func(m prom.Matcher) *yaml.Node { return scalar(m.String()) }}
	}}
}

// meters is a target for energy meters.
func meters(to *[]prometheus.Meter) target {
	return objects[prometheus.Meter]{to: to, fresh: func() prometheus.Meter { return prometheus.Meter{} }, fields: func(m *prometheus.Meter) []field {
		return []field{
			{name: "name", doc: "how the meter is called in messages", to: words(&m.Name, "a name"), required: true},
			{name: "metrics", doc: "its metrics, whose series are added up for each host; they must not overlap", to: texts(&m.Metrics, "a list of metrics"), required: true},
			{name: "matchers", doc: "which series of them count", to: matchers(&m.Matchers)},
			{name: "host_label", doc: "the label that names the host, if it is not that of the processors", to: words(&m.HostLabel, "a label")},
			{
				name: "unit", doc: "`J`, `mJ` or `uJ` for counters, `W`, `mW` or `uW` for gauges", required: true,
				to: choice(&m.Unit, prometheus.Joules, prometheus.Millijoules, prometheus.Microjoules, prometheus.Watts, prometheus.Milliwatts, prometheus.Microwatts),
			},
		}
	}}
}

// weight is a target for a number that is not negative.
func weight(to *uint64) target {
	return value[uint64]{to, "a whole number from 0 up", func(s string) (uint64, error) { return strconv.ParseUint(s, 10, 64) }, func(n uint64) *yaml.Node {
		return bare(strconv.FormatUint(n, 10))
	}}
}
