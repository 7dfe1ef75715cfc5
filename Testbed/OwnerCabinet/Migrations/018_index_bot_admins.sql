CREATE UNIQUE INDEX IF NOT EXISTS idx_bot_admins_bot_user ON bot_admins (bot_id, telegram_user_id);
