package store

// ChangeDue is the statement that renews leases.
var ChangeDue = changeDue
