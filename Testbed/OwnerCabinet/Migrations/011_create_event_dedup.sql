CREATE TABLE event_dedup (
  bot_id text NOT NULL REFERENCES bots (id) ON DELETE CASCADE,
  source_id text NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT now()
);
