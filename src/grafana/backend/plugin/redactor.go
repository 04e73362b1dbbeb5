package plugin

import (
	"regexp"
	"strings"
)

const (
	placeholder = "[redacted]"
	// Shorter values are not secret, and replacing them would change harmless words.
	shortestSecret = 6
)

// Such as `txSecret=…`, `sign=…` and `Bearer …`.
var secretInText = regexp.MustCompile(
	`(?i)((?:txSecret|sign|token|secretKey|password)["']?\s*[=:]\s*["']?|Bearer\s+)[^\s"'&,;}]+`)

// redactor removes secrets from texts.
type redactor struct {
	known *strings.Replacer
}

// newRedactor creates a redactor for the secret settings of a data source.
func newRedactor(secrets map[string]string) *redactor {
	var pairs []string
	for _, secret := range secrets {
		if secret = strings.TrimSpace(secret); len(secret) >= shortestSecret {
			pairs = append(pairs, secret, placeholder)
		}
	}
	return &redactor{known: strings.NewReplacer(pairs...)}
}

// clean replaces the secret settings, and everything that a name before it marks as a secret.
func (r *redactor) clean(text string) string {
	return secretInText.ReplaceAllString(r.known.Replace(text), "${1}"+placeholder)
}
