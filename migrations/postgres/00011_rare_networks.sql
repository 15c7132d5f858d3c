-- +goose Up
-- A network that few rows have is one range here, whenever they were. With what
-- puts them in order, so that none of them is fetched for that.
CREATE INDEX password_resets_by_ip_of_all_days ON password_resets (created_by_ip, created_at DESC, id DESC);
CREATE INDEX password_resets_by_used_ip_of_all_days ON password_resets (used_by_ip, created_at DESC, id DESC) WHERE used_by_ip <> created_by_ip;

-- +goose Down
DROP INDEX password_resets_by_used_ip_of_all_days;
DROP INDEX password_resets_by_ip_of_all_days;
