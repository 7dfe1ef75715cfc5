ALTER TABLE bot_events ADD COLUMN status text NOT NULL DEFAULT 'new';
