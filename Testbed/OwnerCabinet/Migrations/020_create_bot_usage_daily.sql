CREATE TABLE bot_usage_daily (
  bot_id text NOT NULL REFERENCES bots (id) ON DELETE CASCADE,
  day date NOT NULL,
  events bigint NOT NULL DEFAULT 0,
  orders bigint NOT NULL DEFAULT 0,
  leads bigint NOT NULL DEFAULT 0,
  appointments bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (bot_id, day)
);
