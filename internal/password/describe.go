package password

// Describe returns the name of a stored hash's format, as in Formats, with the text
// around the hash; for bcrypt the prefix follows. It is empty if resetd can't verify
// passwords against the hash.
func (s Scheme) Describe(stored string) string {
	hash, err := s.read(stored)
	if err != nil {
		return ""
	}
	return hash.name()
}

// Writes describes the hash that will replace the present one; empty if none can.
func (s Scheme) Writes(present string) string {
	if s.Format != Match {
		return s.template(OWASP).name()
	}
	next, err := s.like(present)
	if err != nil {
		return ""
	}
	return next.name()
}
