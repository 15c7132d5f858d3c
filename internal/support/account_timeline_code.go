package support

import (
	"slices"

	"resetd/internal/reset"
	"resetd/internal/staff"
)

// codeTime is how long after a code was emailed a caller may be helped with it: the right code
// counts as long as it may be typed.
const codeTime = 2 * reset.CheckLifetime

// afterCode tells what the caller did with a code, and what a member then did for the caller.
// The later actions are newest first.
func (t *teller) afterCode(mailed staff.Entry, later []staff.Entry) string {
	told, refused, wrong := "", "", 0
	for _, e := range slices.Backward(later) {
		switch {
		case e.At.Sub(mailed.At) > codeTime, e.Action == staff.MailedCode && e.Refused == "": // that code ended this one
			return t.unfollowed(told, refused, wrong)
		case e.Action == staff.MailedCode:
			return "" // it failed, which the next entry says
		case e.Action == staff.TypedCode && e.Refused == reset.ErrWrongCode.Error():
			wrong++
		case e.Action == staff.TypedCode && e.Refused != "":
			refused = t.say("code_refused", "Why", t.StaffRefusal(e.Refused))
		case e.Action == staff.TypedCode:
			told = t.say("code_right", "Name", e.Member, "At", t.When(e.At).Hour)
		case told != "" && e.Caller == staff.Verified && e.Refused == "" && !slices.ContainsFunc(later, failureOf(e)):
			return told + "; " + t.say("code_then", "Name", e.Member, "At", t.When(e.At).Hour, "Action", t.plain("action_", string(e.Action)))
		}
	}
	return t.unfollowed(told, refused, wrong)
}

// unfollowed tells what the caller did with a code that no action followed.
func (t *teller) unfollowed(told, refused string, wrong int) string {
	switch {
	case told != "":
		return told + "; " + t.say("code_then_nothing")
	case refused != "":
		return refused
	case wrong > 0:
		return t.say("code_wrong", "Count", wrong)
	default:
		return t.say("code_never")
	}
}

// failureOf returns whether an entry is the second line of an action, which says that it failed.
func failureOf(first staff.Entry) func(staff.Entry) bool {
	return func(e staff.Entry) bool {
		return e.Refused != "" && e.ID > first.ID && e.Action == first.Action && e.Target == first.Target && e.Member == first.Member && e.Reason == first.Reason
	}
}
