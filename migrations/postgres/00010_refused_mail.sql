-- +goose Up
-- With all that the overview counts, which then reads this and no row.
DROP INDEX reset_deliveries_failed;
CREATE INDEX reset_deliveries_failed ON reset_deliveries (created_at DESC, reset_id DESC) INCLUDE (recipient, last_server)
WHERE failed_at IS NOT NULL AND kind = 'reset_link';

-- +goose Down
DROP INDEX reset_deliveries_failed;
CREATE INDEX reset_deliveries_failed ON reset_deliveries (created_at DESC, reset_id DESC) WHERE failed_at IS NOT NULL AND kind = 'reset_link';
