CREATE INDEX IF NOT EXISTS idx_customers_bot_updated ON customers (bot_id, updated_at DESC);
