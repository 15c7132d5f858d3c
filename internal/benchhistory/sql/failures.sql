-- What the trigger would have noted.
UPDATE password_resets SET mail_failed = true
WHERE id IN (SELECT reset_id FROM reset_deliveries WHERE kind = 'reset_link' AND failed_at IS NOT NULL);
