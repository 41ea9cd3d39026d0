package facility

import (
	"net/http"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/directory"
)

// records returns what the directories read last.
func (s *Server) records() []*directory.Records {
	var out []*directory.Records
	for _, d := range s.Directories {
		if r := d.Records(); r != nil {
			out = append(out, r)
		}
	}
	return out
}

// shown returns a user's name as it is shown.
func (s *Server) shown(user string) string {
	if s.Names == nil || user == "" {
		return user
	}
	labels, err := account.LabelsOf(account.LabelUser, user)
	if err != nil {
		return ""
	}
	return s.Names.Rename(labels).Get(account.LabelUser)
}

// book finds workspaces of the directories by name.
type book struct {
	of    map[string]*directory.Workspace
	shown func(string) string
}

func (s *Server) book() book {
	b := book{of: map[string]*directory.Workspace{}, shown: s.shown}
	for _, r := range s.records() {
		for i := range r.Workspaces {
			b.of[r.Workspaces[i].Name] = &r.Workspaces[i]
		}
	}
	return b
}

func (b book) has(id string) bool { return b.of[id] != nil }

func (b book) owner(id string) string {
	if w := b.of[id]; w != nil {
		return b.shown(w.Owner)
	}
	return ""
}

func (b book) host(id string) string {
	if w := b.of[id]; w != nil {
		return w.Hostname
	}
	return ""
}

// person returns what is shown of an owner: the name on the platform and, where that is
// allowed and people are not renamed, what directories know of the person.
func (s *Server) person(user string) *userInfo {
	if user == "" {
		return nil
	}
	info := &userInfo{User: user}
	if !s.Settings.Personal || s.Names != nil {
		return info
	}
	for _, r := range s.records() {
		for i := range r.People {
			if p := &r.People[i]; p.User == user {
				info.Name, info.Email, info.UID = text(p.Name), text(p.Email), (*uid)(text(p.UID))
				return info
			}
		}
	}
	return info
}

// me returns the user of the path, or the one that a proxy names in the configured
// header: by the name on the platform, since no proxy knows pseudonyms.
func (s *Server) me(a *asked) (string, error) {
	if name := a.PathValue("username"); name != "" {
		return name, nil
	}
	header := s.Settings.IdentityHeader
	if header == "" {
		return "", senseless("/users/me: this server is not told who asks: set facility.identity_header, or ask for /users/NAME")
	}
	name := a.Header.Get(header)
	if name == "" {
		return "", &refusal{http.StatusUnauthorized, "/users/me: the request has no header " + header + ", in which the proxy names the user"}
	}
	return s.shown(name), nil
}

// userWorkspaces returns the workspaces of a user, with the sum of all that is theirs.
func (s *Server) userWorkspaces(a *asked) ([]workspace, account.Figures, error) {
	name, err := s.me(a)
	if err != nil {
		return nil, account.Figures{}, err
	}
	span, err := s.period(a)
	if err != nil {
		return nil, account.Figures{}, err
	}
	list, answer, err := s.workspaces(a, span, where(account.LabelUser, name))
	if err != nil {
		return nil, account.Figures{}, err
	}
	if len(list) > 0 || seen(answer.Total.Figures) {
		return list, answer.Total.Figures, nil
	}
	known, err := s.catalogue(a.Context())
	if err != nil {
		return nil, account.Figures{}, err
	}
	if !known.users[name] {
		return nil, account.Figures{}, unknown("user %q has not been seen in the last 90 days, nor in the time asked for", name)
	}
	return list, answer.Total.Figures, nil
}

func (s *Server) userUsage(a *asked) (any, error) {
	list, _, err := s.userWorkspaces(a)
	out := make([]entry, len(list))
	for i := range list {
		out[i] = list[i].entry()
	}
	return out, err
}

func (s *Server) userSummary(a *asked) (any, error) {
	list, total, err := s.userWorkspaces(a)
	if err != nil {
		return nil, err
	}
	counted, err := summarize(list)
	return newSummary(counted.Workspaces, counted.Complete, total), err
}
