package password

// Describe returns the name of a stored hash's format, as in Formats. For bcrypt the
// prefix follows. It is empty if no password can verify against the hash.
func Describe(stored string) string {
	hash, err := read(stored)
	if err != nil {
		return ""
	}
	return hash.name()
}

// Writes describes the hash that will replace the present one.
func (s Scheme) Writes(present string) string {
	if s.Format != Match {
		return s.template(OWASP).name()
	}
	stored, err := read(present)
	if err != nil {
		return ""
	}
	return s.like(stored).name()
}
