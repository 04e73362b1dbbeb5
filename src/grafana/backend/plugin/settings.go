package plugin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

const (
	modeRemote   = "remote"
	modeEmbedded = "embedded"
)

// settings are the settings of a data source that this plugin uses. The frontend's types.ts describes all. The embedded
// server reads its own.
type settings struct {
	Mode string `json:"mode"`
	// Remote mode.
	URL string `json:"url"`
	// Embedded mode.
	DataFolder string `json:"dataFolder"`

	token   string
	baseURL *url.URL
}

// Labels of these settings in the editor.
var labels = map[string]string{"mode": "Mode", "url": "Server URL", "dataFolder": "Data folder"}

// readSettings reads and checks the settings of a data source. Its error names the setting.
func readSettings(given backend.DataSourceInstanceSettings) (settings, error) {
	var s settings
	if len(given.JSONData) > 0 {
		if err := json.Unmarshal(given.JSONData, &s); err != nil {
			var wrongType *json.UnmarshalTypeError
			if !errors.As(err, &wrongType) || wrongType.Field == "" {
				return s, notConfigured("jsonData of the data source must be a JSON object.")
			}
			return s, notConfigured(fmt.Sprintf("%s (%s) must be a string.", labels[wrongType.Field], wrongType.Field))
		}
	}
	for _, text := range []*string{&s.Mode, &s.URL, &s.DataFolder} {
		*text = strings.TrimSpace(*text)
	}
	s.token = strings.TrimSpace(given.DecryptedSecureJSONData["token"])
	switch s.Mode {
	case "", modeRemote:
		s.Mode = modeRemote
		return s, s.checkRemote(given)
	case modeEmbedded:
		return s, nil
	}
	return s, notConfigured(fmt.Sprintf("Mode (mode) is %q; it must be remote or embedded.", s.Mode))
}

func (s *settings) checkRemote(given backend.DataSourceInstanceSettings) error {
	if s.URL == "" {
		// Where Grafana's own HTTP settings keep it.
		s.URL = strings.TrimSpace(given.URL)
	}
	if s.URL == "" {
		return notConfigured("Server URL (url) is missing: the address of a running breakwatch serve.")
	}
	base, err := url.Parse(s.URL)
	if err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" {
		return notConfigured(fmt.Sprintf("Server URL (url) must be an http or https address, not %q.", shorten(s.URL)))
	}
	if base.User != nil {
		return notConfigured("Server URL (url) contains a user or password. Use the secret fields instead.")
	}
	base.RawQuery, base.Fragment = "", ""
	s.baseURL = base
	if s.token != "" && given.BasicAuthEnabled {
		return notConfigured("Token and basic auth both set the header Authorization. Use one of them.")
	}
	return nil
}

func shorten(text string) string {
	if len(text) > 200 {
		return text[:200]
	}
	return text
}

// Settings of the data source that replace variables of a server, in embedded mode.
var settingOfVariable = map[string]string{
	"BREAKWATCH_DATA":         "Data folder in the settings of the data source",
	"BREAKWATCH_KEEP_DAYS":    "Retention in the settings of the data source",
	"BREAKWATCH_API_ENDPOINT": "API endpoint in the settings of the data source",
	"BREAKWATCH_RULES":        "GF_PLUGIN_RULES_PATH",
}

var (
	variable = regexp.MustCompile(`BREAKWATCH_\w+`)
	sentence = regexp.MustCompile(`(?s).+?(?:\.\s+|$)`)
)

// ofSettings rewrites a text of the server for embedded mode: it names settings of the data source instead of
// variables, and leaves out sentences about variables that have no such setting.
func ofSettings(text string) string {
	return strings.TrimSpace(sentence.ReplaceAllStringFunc(text, func(one string) string {
		isKnown := true
		renamed := variable.ReplaceAllStringFunc(one, func(name string) string {
			isKnown = isKnown && settingOfVariable[name] != ""
			return settingOfVariable[name]
		})
		if !isKnown {
			return ""
		}
		return renamed
	}))
}
