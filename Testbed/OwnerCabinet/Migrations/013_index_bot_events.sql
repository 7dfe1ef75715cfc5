CREATE INDEX IF NOT EXISTS idx_bot_events_bot_created ON bot_events (bot_id, created_at DESC);
