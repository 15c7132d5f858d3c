package web

import (
	"net/netip"
	"strings"
	"unicode"

	"github.com/gin-gonic/gin"

	"resetd/internal/reset"
)

// maxAgent is how much of a User-Agent is kept, in bytes.
const maxAgent = 400

// Client says who sent the request: the peer, or what a trusted proxy says of it.
func Client(c *gin.Context) reset.Client {
	ip, _ := netip.ParseAddr(c.ClientIP())
	return reset.Client{IP: ip.Unmap().WithZone(""), Agent: cleanAgent(c.Request.UserAgent())}
}

// cleanAgent keeps one printable line: it ends up in mails, tables and terminals.
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
