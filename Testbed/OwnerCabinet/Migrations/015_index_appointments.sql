CREATE INDEX IF NOT EXISTS idx_appointments_bot_start ON appointments (bot_id, starts_at);
