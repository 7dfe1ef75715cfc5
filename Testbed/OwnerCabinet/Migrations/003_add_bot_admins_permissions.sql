ALTER TABLE bot_admins ADD COLUMN permissions_json jsonb NOT NULL DEFAULT '{}';
