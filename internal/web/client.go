package web

import (
	"net/netip"
	"strings"
	"unicode"

	"github.com/gin-gonic/gin"

	"resetd/internal/reset"
)

// maxAgent is the maximum length of a stored User-Agent, in bytes.
const maxAgent = 400

// Client returns who sent the request, see Proxies.Visitor.
func Client(c *gin.Context) reset.Client {
	ip, ok := c.Value(visitorKey).(netip.Addr)
	if !ok {
		ip = Unknown
	}
	return reset.Client{IP: ip, Agent: cleanAgent(c.Request.UserAgent())}
}

// cleanAgent returns one printable line, because the User-Agent is shown in emails,
// tables and terminals.
func cleanAgent(agent string) string {
	agent = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(agent, "?"))
	if len(agent) > maxAgent {
		agent = strings.ToValidUTF8(agent[:maxAgent], "")
	}
	return strings.TrimSpace(agent)
}
