package prom

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"

	"github.com/go-faster/jx"
	"go.yaml.in/yaml/v4"
)

// maxValues is the most values that a label may have; more hosts than that are a
// mistake in the choice of the label.
const maxValues = 1_000_000

// LabelValues returns, in order, the values of a label of series that may have
// samples in a window. There may be more than that: servers look at whole blocks.
// It repeats failed attempts as [Client.Retry] does.
func (c *Client) LabelValues(ctx context.Context, name string, sel Selector, w Window) ([]string, error) {
	var values []string
	err := c.Retry(ctx, func(ctx context.Context) error {
		values = values[:0]
		to := c.endpoint("label", name, "values")
		to.RawQuery = matching(sel, w).Encode() // this endpoint takes no POST
		return c.do(ctx, call{
			op: "list the values of label " + name, url: to, method: http.MethodGet,
			read: func(_ *http.Response, body io.Reader) error {
				_, err := readReply(jx.Decode(body, 16<<10), func(d *jx.Decoder) error {
					return readValues(d, &values)
				})
				return err
			},
		})
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(values)
	return slices.Compact(values), nil
}

// matching returns the form of a selector and a window. A window from 0 on is
// left open: some servers limit its length.
func matching(sel Selector, w Window) url.Values {
	form := url.Values{"match[]": {sel.String()}, "end": {seconds(w.To)}}
	if w.From > 0 {
		form.Set("start", seconds(w.From))
	}
	return form
}

// List calls f for each series, without samples, that may have some in a window.
// There may be more than that: servers look at whole blocks. It makes one attempt.
func (c *Client) List(ctx context.Context, sel Selector, w Window, f func(*Series) error) error {
	return c.do(ctx, call{
		op: "list series", url: c.endpoint("series"), method: http.MethodPost,
		body: matching(sel, w).Encode(), contentType: "application/x-www-form-urlencoded",
		read: func(_ *http.Response, body io.Reader) error {
			m := matrix{f: f}
			_, err := readReply(jx.Decode(body, 64<<10), m.list)
			return err
		},
	})
}

func readValues(d *jx.Decoder, values *[]string) error {
	if d.Next() == jx.Null { // of no values, from some servers
		return d.Null()
	}
	return d.Arr(func(d *jx.Decoder) error {
		s, err := d.Str()
		if len(*values) == maxValues {
			return invalid("the label has more than %d values", maxValues)
		}
		*values = append(*values, s)
		return err
	})
}

// maxConfig is the largest configuration that is read.
const maxConfig = 64 << 20

// ExternalLabels returns the labels that the server adds to what leaves it by
// remote read and that its own queries do not show. Servers that do not tell
// (Mimir, Thanos) add none. It repeats failed attempts as [Client.Retry] does.
func (c *Client) ExternalLabels(ctx context.Context) (map[string]string, error) {
	var text string
	err := c.Retry(ctx, func(ctx context.Context) error {
		text = ""
		return c.do(ctx, call{
			op: "ask for external labels", url: c.endpoint("status", "config"), method: http.MethodGet,
			read: func(_ *http.Response, body io.Reader) error {
				_, err := readReply(jx.Decode(io.LimitReader(body, maxConfig), 16<<10), func(d *jx.Decoder) error {
					return readYAML(d, &text)
				})
				return err
			},
		})
	})
	switch kind, _ := KindOf(err); {
	case err != nil && (kind == Unsupported || kind == Refused):
		return nil, nil
	case err != nil:
		return nil, err
	}
	var config struct {
		Global struct {
			ExternalLabels map[string]string `yaml:"external_labels"`
		} `yaml:"global"`
	}
	if err := yaml.Unmarshal([]byte(text), &config); err != nil {
		return nil, &Error{
			Kind: Invalid, Op: "ask for external labels", URL: "GET " + c.endpoint("status", "config").Redacted(), Err: err,
		}
	}
	return config.Global.ExternalLabels, nil
}

func readYAML(d *jx.Decoder, text *string) error {
	return d.ObjBytes(func(d *jx.Decoder, key []byte) (err error) {
		if string(key) != "yaml" {
			return d.Skip()
		}
		*text, err = d.Str()
		return err
	})
}
