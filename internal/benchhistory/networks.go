package main

import (
	"context"
	"fmt"
	"net/netip"

	"resetd/internal/history"
	"resetd/internal/reset"
)

func network(text string) history.Filter {
	return history.Filter{Network: netip.MustParsePrefix(text)}
}

// around is the network that an address is in.
func around(bitsOf4, bitsOf6 int) func(sample) history.Filter {
	return func(of sample) history.Filter {
		a := netip.MustParseAddr(of.ip)
		bits := bitsOf4
		if a.Is6() {
			bits = bitsOf6
		}
		p, _ := a.Prefix(bits)
		return history.Filter{Network: p}
	}
}

func (c *catalogue) networks(ctx context.Context) error {
	one := c.add("IP address, busy", network("203.0.113.7/32"))
	c.with(one, "used", status(reset.StatusUsed))
	c.add("IP address, of the old burst", network("198.51.100.7/32"))
	c.add("IP address, unknown", network("233.1.2.3/32"))
	busy := c.add("network, busy /24", network("203.0.113.0/24"))
	for _, st := range []reset.Status{reset.StatusUsed, reset.StatusRevoked, reset.StatusPending, history.MailFailed} {
		c.with(busy, string(st), status(st))
	}
	c.with(busy, "no_password", noPassword)
	burst := c.add("network, old burst /24", network("198.51.100.0/24"))
	c.with(burst, "a month around it", c.days(315, 285))
	c.with(burst, "used", status(reset.StatusUsed))
	c.add("network, busy /10", network("100.64.0.0/10"))
	c.add("network, where some used", network("151.7.0.0/16"))
	c.add("network, unknown /8", network("240.0.0.0/8"))
	c.add("network, all of IPv4", network("0.0.0.0/0"))
	c.add("network, all of IPv6", network("::/0"))
	return c.networksOfAny(ctx)
}

// networksOfAny adds what is around rows, wherever they are.
func (c *catalogue) networksOfAny(ctx context.Context) error {
	for _, bits := range [][2]int{{32, 128}, {24, 64}, {20, 48}, {16, 40}, {8, 32}} {
		name := fmt.Sprintf("network, any /%d or /%d", bits[0], bits[1])
		if err := c.anyOf(ctx, name, around(bits[0], bits[1])); err != nil {
			return err
		}
	}
	return nil
}
