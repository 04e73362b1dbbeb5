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

	defaultBackfillDays = 1
	defaultKeepDays     = 400
	maxKeepDays         = 36_500
	maxBackfillDays     = 60
)

// settings are the settings of a data source. The frontend's types.ts describes them.
type settings struct {
	Mode string `json:"mode"`
	// Remote mode.
	URL string `json:"url"`
	// Embedded mode.
	AccountName  string  `json:"accountName"`
	Site         string  `json:"site"`
	Endpoint     string  `json:"endpoint"`
	SecretID     string  `json:"secretId"`
	BackfillDays float64 `json:"backfillDays"`
	KeepDays     float64 `json:"keepDays"`
	DataFolder   string  `json:"dataFolder"`
	Directory    string  `json:"directory"`

	token     string
	secretKey string
	baseURL   *url.URL
}

// Labels of the settings in the editor, by their names in JSON.
var labels = map[string]string{
	"mode": "Mode", "url": "Server URL", "accountName": "Account name", "site": "Site", "endpoint": "API endpoint",
	"secretId": "SecretId", "backfillDays": "Back-fill", "keepDays": "Retention", "dataFolder": "Data folder",
	"directory": "Directory",
}

var accountName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$`)

// readSettings reads and checks the settings of a data source. Its error names the setting.
func readSettings(given backend.DataSourceInstanceSettings) (settings, error) {
	s := settings{BackfillDays: defaultBackfillDays, KeepDays: defaultKeepDays}
	if len(given.JSONData) > 0 {
		if err := json.Unmarshal(given.JSONData, &s); err != nil {
			return s, notConfigured(problemOfJSON(err))
		}
	}
	for _, text := range []*string{
		&s.Mode, &s.URL, &s.AccountName, &s.Site, &s.Endpoint, &s.SecretID, &s.DataFolder, &s.Directory,
	} {
		*text = strings.TrimSpace(*text)
	}
	if s.Mode == "" {
		s.Mode = modeRemote
	}
	s.token = strings.TrimSpace(given.DecryptedSecureJSONData["token"])
	s.secretKey = strings.TrimSpace(given.DecryptedSecureJSONData["secretKey"])
	switch s.Mode {
	case modeRemote:
		return s, s.checkRemote(given)
	case modeEmbedded:
		return s, s.checkEmbedded()
	}
	return s, notConfigured(fmt.Sprintf("Mode (mode) is %q; it must be remote or embedded.", s.Mode))
}

func problemOfJSON(err error) string {
	var wrongType *json.UnmarshalTypeError
	if !errors.As(err, &wrongType) || wrongType.Field == "" {
		return "jsonData of the data source must be a JSON object."
	}
	kind := "a string"
	if wrongType.Type.Kind().String() == "float64" {
		kind = "a number of days"
	}
	return fmt.Sprintf("%s (%s) must be %s.", labels[wrongType.Field], wrongType.Field, kind)
}

func (s *settings) checkRemote(given backend.DataSourceInstanceSettings) error {
	if s.URL == "" {
		// Where Grafana's own HTTP settings keep it.
		s.URL = strings.TrimSpace(given.URL)
	}
	if s.URL == "" {
		return notConfigured("Server URL (url) is missing: the address of a running breakwatch serve.")
	}
	base, err := checkURL(s.URL, "Server URL (url)")
	if err != nil {
		return err
	}
	s.baseURL = base
	if s.token != "" && given.BasicAuthEnabled {
		return notConfigured("Token and basic auth both set the header Authorization. Use one of them.")
	}
	return nil
}

func checkURL(text, label string) (*url.URL, error) {
	parsed, err := url.Parse(text)
	if err != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Host == "" {
		return nil, notConfigured(fmt.Sprintf("%s must be an http or https address, not %q.", label, shorten(text)))
	}
	if parsed.User != nil {
		return nil, notConfigured(label + " contains a user or password. Use the secret fields instead.")
	}
	parsed.RawQuery, parsed.Fragment = "", ""
	return parsed, nil
}

func shorten(text string) string {
	if len(text) > 200 {
		return text[:200]
	}
	return text
}

func (s *settings) checkEmbedded() error {
	if s.SecretID == "" {
		return notConfigured("SecretId (secretId) is missing.")
	}
	if s.secretKey == "" {
		return notConfigured("SecretKey (secretKey, stored encrypted) is missing.")
	}
	if s.Site == "" {
		s.Site = "cn"
	}
	if s.Site != "cn" && s.Site != "intl" {
		return notConfigured(fmt.Sprintf("Site (site) is %q; it must be cn or intl.", s.Site))
	}
	if s.AccountName == "" {
		s.AccountName = "default"
	}
	if !accountName.MatchString(s.AccountName) {
		return notConfigured(fmt.Sprintf(
			"Account name (accountName) is %q; only letters, digits, - and _ are allowed.", shorten(s.AccountName)))
	}
	if s.Endpoint != "" {
		if _, err := checkURL(s.Endpoint, "API endpoint (endpoint)"); err != nil {
			return err
		}
	}
	if s.BackfillDays < 0 || s.BackfillDays > maxBackfillDays {
		return notConfigured(fmt.Sprintf("Back-fill (backfillDays) must be a number of days from 0 to %d.", maxBackfillDays))
	}
	if days := s.KeepDays; days < 0 || days > maxKeepDays || days != float64(int(days)) {
		return notConfigured("Retention (keepDays) must be a whole number of days, or 0 to keep all.")
	}
	return nil
}

// Settings of the data source that replace variables of a server, in embedded mode.
var settingOfVariable = map[string]string{
	"BREAKWATCH_DATA":         "Data folder in the settings of the data source",
	"BREAKWATCH_KEEP_DAYS":    "Retention in the settings of the data source",
	"BREAKWATCH_API_ENDPOINT": "API endpoint in the settings of the data source",
	"BREAKWATCH_RULES":        "GF_PLUGIN_RULES_PATH",
}

var (
	variable    = regexp.MustCompile(`BREAKWATCH_\w+`)
	endOfPhrase = regexp.MustCompile(`\.\s`)
)

// ofSettings rewrites a text of the server for embedded mode: it names settings of the data source instead of
// variables, and leaves out sentences about variables that have no such setting.
func ofSettings(text string) string {
	var kept []string
	for len(text) > 0 {
		end := len(text)
		if found := endOfPhrase.FindStringIndex(text); found != nil {
			end = found[1]
		}
		sentence := text[:end]
		text = text[end:]
		isKnown := true
		for _, name := range variable.FindAllString(sentence, -1) {
			isKnown = isKnown && settingOfVariable[name] != ""
		}
		if isKnown {
			kept = append(kept, variable.ReplaceAllStringFunc(sentence, func(name string) string {
				return settingOfVariable[name]
			}))
		}
	}
	return strings.TrimSpace(strings.Join(kept, ""))
}
