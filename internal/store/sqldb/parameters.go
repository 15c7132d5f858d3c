package sqldb

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// URLError is a fault in the URL of a database. It names the faulty part and never
// contains a value: a misplaced character can make a password look like any part.
type URLError struct{ Part, Advice, Setting string }

// The settings with the URL of a database: of the record, and of accounts that are in
// another database.
const (
	OfRecord   = "RESETD_DATABASE_URL"
	OfAccounts = "RESETD_ACCOUNTS_DATABASE_URL"
)

func (e *URLError) Error() string {
	return fmt.Sprintf("%s: the %s is not valid: %s", e.Setting, e.Part, e.Advice)
}

const (
	encode = "percent-encode special characters (/ is %2F, # is %23, % is %25, ? is %3F, @ is %40, a blank is %20)"
	quote  = `put a value with blanks in single quotes, and write \' and \\ for ' and \`
)

// parameters are PostgreSQL's connection parameters by name.
type parameters map[string]string

// postgresParameters reads a URL, or PostgreSQL's keyword form: host=... user=...
func postgresParameters(text string) (parameters, error) {
	for _, scheme := range []string{"postgres://", "postgresql://"} {
		if rest, isURL := strings.CutPrefix(text, scheme); isURL {
			return fromURL(rest)
		}
	}
	if !keywordsStart.MatchString(text) {
		return nil, &URLError{Part: "scheme", Advice: "begin with sqlite: or postgres://"}
	}
	return fromKeywords(text)
}

var parameterName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`)

// fromURL reads a URL without its scheme. Unlike net/url it accepts several hosts
// with ports, and a socket's folder as a host, as PostgreSQL's own programs do.
func fromURL(rest string) (parameters, error) {
	end := len(rest)
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		end = i
	}
	authority, tail := rest[:end], rest[end:]
	at := strings.LastIndex(authority, "@")
	if strayAt(tail, at >= 0) {
		return nil, badLogin(authority)
	}
	p := parameters{}
	if at >= 0 {
		if err := p.readLogin(authority[:at]); err != nil {
			return nil, err
		}
	}
	if err := p.readHosts(authority[at+1:]); err != nil {
		if at < 0 && strings.Contains(tail, "@") {
			err = badLogin(authority)
		}
		return nil, err
	}
	tail, _, _ = strings.Cut(tail, "#")
	path, query, _ := strings.Cut(tail, "?")
	if path != "" {
		name, err := url.PathUnescape(path[1:])
		if err != nil {
			return nil, &URLError{Part: "database", Advice: encode}
		}
		p["dbname"] = name
	}
	return p, p.readQuery(query)
}

// strayAt reports whether the @ in front of the host comes after the first / ? or #,
// which then belongs to the user or the password.
func strayAt(tail string, hasLogin bool) bool {
	end := len(tail)
	if i := strings.IndexAny(tail, "?#"); i >= 0 {
		end = i
	}
	path, more := tail[:end], tail[end:]
	if _, after, found := strings.Cut(path, "@"); found {
		return !hasLogin || strings.Contains(after, "/")
	}
	if strings.HasPrefix(more, "?") {
		more, _, _ = strings.Cut(more, "=") // values may contain an @
	}
	return strings.Contains(more, "@")
}

// badLogin blames the password if there is one. The authority ends too early.
func badLogin(authority string) error {
	if strings.Contains(authority, ":") {
		return &URLError{Part: "password", Advice: encode}
	}
	return &URLError{Part: "user", Advice: encode}
}

func (p parameters) readLogin(text string) (err error) {
	user, password, _ := strings.Cut(text, ":")
	if p["user"], err = loginPart("user", user); err == nil {
		p["password"], err = loginPart("password", password)
	}
	return err
}

// loginPart decodes a part of the userinfo (RFC 3986, section 3.2.1).
func loginPart(name, text string) (string, error) {
	plain, err := url.PathUnescape(text)
	if err != nil || strings.ContainsFunc(text, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-._~!$&'()*+,;=%@:", r)
	}) {
		return "", &URLError{Part: name, Advice: encode}
	}
	return plain, nil
}

// readHosts reads host:port,host:port. One port at the end is the port of all hosts.
func (p parameters) readHosts(text string) error {
	var hosts, ports []string
	given := ""
	for one := range strings.SplitSeq(text, ",") {
		host, port, err := hostPort(one)
		if err != nil {
			return err
		}
		hosts, ports, given = append(hosts, host), append(ports, port), given+port
	}
	p["host"] = strings.Join(hosts, ",")
	if p["port"] = ports[len(ports)-1]; given != p["port"] {
		for i := range ports {
			if ports[i] == "" {
				ports[i] = "5432"
			}
		}
		p["port"] = strings.Join(ports, ",")
	}
	return nil
}

func hostPort(text string) (host, port string, err error) {
	host = text
	if colon := strings.LastIndex(text, ":"); colon > strings.LastIndex(text, "]") {
		host, port = text[:colon], text[colon+1:]
	}
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	host, err = url.PathUnescape(host)
	if err != nil || strings.ContainsAny(host, "[]<>\"\\^`{|}") || strings.ContainsFunc(host, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return "", "", &URLError{Part: "host", Advice: encode + ", also in the user and the password"}
	}
	if n, err := strconv.Atoi(port); port != "" && (err != nil || n < 0 || n > 65535) {
		return "", "", &URLError{Part: "port", Advice: "it must be a number; in the user and the password, " + encode}
	}
	return host, port, nil
}

func (p parameters) readQuery(query string) error {
	for pair := range strings.SplitSeq(query, "&") {
		name, text, _ := strings.Cut(pair, "=")
		if text == "" {
			continue
		}
		if !parameterName.MatchString(name) {
			return &URLError{Part: "name of a parameter", Advice: encode}
		}
		value, err := url.QueryUnescape(text)
		if err != nil || strings.Contains(text, ";") {
			return &URLError{Part: "parameter " + name, Advice: encode + ", and a ; as %3B"}
		}
		p[name] = value
	}
	return nil
}

// String returns the parameters in keyword form, without the empty ones.
func (p parameters) String() string {
	escape := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(p)) {
		if p[name] != "" {
			pairs = append(pairs, name+"='"+escape.Replace(p[name])+"'")
		}
	}
	return strings.Join(pairs, " ")
}
