package support

import (
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
)

// topicLink selects the entries of a topic.
type topicLink struct {
	Topic  topic
	Path   string
	Picked bool
}

// topic is a kind of entries.
type topic string

// The topics.
const (
	everything topic = ""
	ofResets   topic = "resets"
	ofEmails   topic = "emails"
	ofOpens    topic = "opens"
	ofSignIns  topic = "sign_ins"
	ofChanges  topic = "changes"
	ofStaff    topic = "staff"
)

var topics = []topic{everything, ofResets, ofEmails, ofOpens, ofSignIns, ofChanges, ofStaff}

var (
	signInKinds = []reset.EventKind{
		reset.EventSignedIn, reset.EventSignedOut, reset.EventSignInFailed, reset.EventWrongPassword, reset.EventLocked, reset.EventUnlocked, reset.EventSessionsEnded,
	}
	changeKinds = []reset.EventKind{reset.EventPasswordChanged, reset.EventSignedUp, reset.EventDisabled, reset.EventEnabled, reset.EventNotMe}
)

// sources returns what the entries of a topic are made of.
func (t topic) sources() history.Sources {
	switch t {
	case ofResets, ofOpens:
		return history.Sources{Resets: true}
	case ofEmails:
		return history.Sources{Resets: true, Mails: true, Events: true, Kinds: []reset.EventKind{reset.EventBounced}}
	case ofSignIns:
		return history.Sources{Events: true, Kinds: signInKinds}
	case ofChanges:
		return history.Sources{Resets: true, Events: true, Kinds: changeKinds}
	case ofStaff:
		return history.Sources{}
	default:
		return history.Sources{Resets: true, Mails: true, Events: true}
	}
}

func topicsOf(path string, picked topic) (all []topicLink) {
	for _, t := range topics {
		all = append(all, topicLink{t, storyPath(path, t, time.Time{}), t == picked})
	}
	return all
}
