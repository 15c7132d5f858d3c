package reset

// Column is a column of the record. It has a name in the database and in exports,
// and fills a field of Reset.
type Column struct {
	Name   string
	Field  func(*Reset) any // a pointer to the field
	Secret bool             // never leaves the database
}

// Columns are all columns of the record, in the order of the schema. Rows are read
// and exported in this order.
var Columns = []Column{
	{Name: "id", Field: func(r *Reset) any { return &r.ID }},
	{Name: "created_at", Field: func(r *Reset) any { return &r.CreatedAt }},
	{Name: "expires_at", Field: func(r *Reset) any { return &r.ExpiresAt }},
	{Name: "user_id", Field: func(r *Reset) any { return &r.UserID }},
	{Name: "email", Field: func(r *Reset) any { return &r.Email }},
	{Name: "created_by_ip", Field: func(r *Reset) any { return &r.CreatedByIP }},
	{Name: "created_by_agent", Field: func(r *Reset) any { return &r.CreatedByAgent }},
	{Name: "requested_by", Field: func(r *Reset) any { return &r.RequestedBy }},
	{Name: "withheld", Field: func(r *Reset) any { return &r.Withheld }},
	{Name: "account_state", Field: func(r *Reset) any { return &r.AccountState }, Secret: true},
	{Name: "mail", Field: func(r *Reset) any { return &r.Mail }},
	{Name: "opened_at", Field: func(r *Reset) any { return &r.OpenedAt }},
	{Name: "opened_by_ip", Field: func(r *Reset) any { return &r.OpenedByIP }},
	{Name: "used_at", Field: func(r *Reset) any { return &r.UsedAt }},
	{Name: "used_by_ip", Field: func(r *Reset) any { return &r.UsedByIP }},
	{Name: "used_by_agent", Field: func(r *Reset) any { return &r.UsedByAgent }},
	{Name: "revoked_at", Field: func(r *Reset) any { return &r.RevokedAt }},
	{Name: "revoked_by", Field: func(r *Reset) any { return &r.RevokedBy }},
}
