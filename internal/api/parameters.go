package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// onlyKnown refuses parameters that the operation does not have: a misspelt from
// would otherwise be answered about another time. A question checks its own,
// which is also asked without HTTP.
func (s *Server) onlyKnown(ctx huma.Context, next func(huma.Context)) {
	op := ctx.Operation()
	var known []string
	for _, p := range op.Parameters {
		if p.In == "query" {
			known = append(known, p.Name)
		}
	}
	slices.Sort(known)
	u := ctx.URL()
	var unknown []string
	for name := range u.Query() {
		if !slices.Contains(known, name) && op.OperationID != "query" {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) == 0 {
		next(ctx)
		return
	}
	slices.Sort(unknown)
	use := "leave it out, there are none"
	if len(known) > 0 {
		use = "use " + strings.Join(known, ", ")
	}
	var errs []error
	for _, name := range unknown {
		errs = append(errs, &huma.ErrorDetail{Location: "query." + name, Message: "not a parameter of " + op.Path + "; try: " + use})
	}
	_ = huma.WriteErr(s.api, ctx, http.StatusBadRequest, fmt.Sprintf("%s: not a parameter of %s\n  Try: %s", strings.Join(unknown, ", "), op.Path, use), errs...)
}
