-- +goose Up
ALTER TABLE reset_deliveries ADD COLUMN last_server text NOT NULL DEFAULT '';
-- what refused before has its server in the event of that moment
UPDATE reset_deliveries AS d SET last_server = e.agent
FROM reset_events AS e WHERE e.reset_id = d.reset_id AND e.kind = 'failed' AND e.at = d.failed_at;

-- +goose Down
ALTER TABLE reset_deliveries DROP COLUMN last_server;
