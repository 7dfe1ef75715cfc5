CREATE TABLE bot_settings (
  bot_id text PRIMARY KEY REFERENCES bots (id) ON DELETE CASCADE,
  settings_json jsonb NOT NULL DEFAULT '{}',
  updated_at timestamptz NOT NULL DEFAULT now()
);
