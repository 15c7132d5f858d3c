package staff

import (
	"os"
	"os/user"
	"strconv"

	"resetd/internal/reset"
)

// Operator returns the actor of the command line, who may do everything and gives no
// reason. The audit has the name Command, and as its agent the system's user.
func Operator() Actor {
	return Actor{Member: Member{Name: Command}, From: reset.Client{Agent: systemUser()}, operator: true}
}

// systemUser returns the name of the user that runs this process, and of who became that
// user by sudo.
func systemUser() string {
	name := "uid " + strconv.Itoa(os.Getuid()) // a container may have no list of users
	if u, err := user.Current(); err == nil && u.Username != "" {
		name = u.Username
	}
	if before := os.Getenv("SUDO_USER"); before != "" {
		name += " (sudo of " + before + ")"
	}
	return name
}
