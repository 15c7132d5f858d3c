INSERT INTO reset_events (reset_id, at, kind, actor, detail)
SELECT id, created_at + interval '900 milliseconds', 'sent', 'resetd', '250 2.0.0 Ok: queued' FROM password_resets WHERE withheld IS NULL;
INSERT INTO reset_events (reset_id, at, kind, actor, ip, agent)
SELECT id, opened_at, 'opened', 'user', opened_by_ip, created_by_agent FROM password_resets WHERE opened_at IS NOT NULL;
