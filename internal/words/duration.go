package words

import "time"

// Duration returns a duration in words: "1 hour", "90 minutes". It uses days or hours
// if they are whole, otherwise minutes, rounded up.
func (w Words) Duration(d time.Duration) (string, error) {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day && d%day == 0:
		return w.T("duration_days", "Count", int(d/day))
	case d >= time.Hour && d%time.Hour == 0:
		return w.T("duration_hours", "Count", int(d/time.Hour))
	default:
		return w.T("duration_minutes", "Count", int((d+time.Minute-1)/time.Minute))
	}
}
