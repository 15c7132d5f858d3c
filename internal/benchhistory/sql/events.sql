INSERT INTO reset_events (reset_id, at, kind, actor, agent, detail)
SELECT reset_id, coalesce(sent_at, failed_at), CASE WHEN sent_at IS NULL THEN 'failed' ELSE 'sent' END, 'resetd', last_server, last_reply
FROM reset_deliveries WHERE sent_at IS NOT NULL OR failed_at IS NOT NULL;
INSERT INTO reset_events (reset_id, at, kind, actor, ip, agent)
SELECT id, opened_at, 'opened', 'user', opened_by_ip, created_by_agent FROM password_resets WHERE opened_at IS NOT NULL;
