ALTER TABLE bot_events ADD COLUMN processed_at timestamptz;
