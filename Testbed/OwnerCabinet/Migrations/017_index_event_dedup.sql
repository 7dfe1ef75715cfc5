CREATE UNIQUE INDEX IF NOT EXISTS idx_event_dedup_bot_source ON event_dedup (bot_id, source_id);
